// The phone page in headless Chromium: an SMS to the bot, its answer and the
// receipts; linked from the chat page; light and dark, desktop and phone.
//
//   node tests/browser/phone.mjs URL      of a demo
//
// Nothing sleeps: every step waits for what it expects.  Screenshots go to
// build/phone-*.png.
import assert from "node:assert/strict";
import { join } from "node:path";
import { launch, openPage, shots, widthOf } from "./launch.mjs";

const base = (process.argv[2] || "").replace(/\/$/, "");

if (!/^https?:\/\//.test(base)) {
  console.error("usage: phone.mjs URL");
  process.exit(2);
}

const complaints = [];
const browser = await launch();

const open = (path, options) => openPage(browser, base, path, options,
  complaints);

const back = (page) => page.evaluate(() =>
  getComputedStyle(document.body).backgroundColor);
try {
  const evil = 'See you at <b onclick="x">eight</b>';
  const page = await open("/", { viewport: { width: 1280, height: 900 } });

  await page.getByRole("link", { name: "Phone" }).click();
  await page.waitForSelector("body.phone[data-ready]");
  assert.match(await page.locator("#target").innerText(),
    /go to http.*\/webhooks\/connect/);
  const row = (what) => page.locator(`#log li[data-what="${what}"]`);
  const before = await row("sms").count();

  // empty texts stay here
  await page.press("#text", "Enter");
  await page.fill("#text", evil);
  await page.press("#text", "Enter");
  await page.getByText("The bot has it.").waitFor();
  await row("sms").nth(before).waitFor();
  assert.equal(await row("sms").first().locator(".words").innerText(),
    `The bot has got: ${evil}`);
  await page.getByText("Delivered: the bot has it").first().waitFor();
  assert.equal(await page.locator("#log b").count(), 0, "texts stay texts");
  await row("sent").first().locator("summary").click();
  assert.match(await row("sent").first().locator("pre").innerText(),
    /deliveryInfoNotification/);
  await page.screenshot({ path: join(shots, "phone-light.png") });
  const light = await back(page);

  await page.getByRole("button", { name: "Switch to dark" }).click();
  assert.notEqual(await back(page), light);
  await page.reload();
  await page.waitForSelector("body[data-ready]");
  assert.notEqual(await back(page), light, "the choice is remembered");
  await page.getByRole("link", { name: "Chat" }).click();
  await page.getByText("15550100123").first().waitFor();
  await page.context().close();

  for (const [name, options] of [
    ["dark", { viewport: { width: 1280, height: 900 } }],
    ["small-dark", { viewport: { width: 360, height: 740 }, isMobile: true,
      hasTouch: true }],
    ["small", { viewport: { width: 360, height: 740 }, isMobile: true,
      hasTouch: true, colorScheme: "light" }]]) {
    const other = await open("/connect", { colorScheme: "dark", ...options });

    await other.locator("#log li").first().waitFor();
    assert.equal(await widthOf(other), options.viewport.width, name);
    assert.equal(await back(other) === light, name === "small", name);
    await other.screenshot({ path: join(shots, `phone-${name}.png`) });
    await other.context().close();
  }
  assert.deepEqual(complaints, [], "complaints of the page");
} finally {
  await browser.close();
}
console.log("passed");
