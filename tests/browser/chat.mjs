// The chat page in headless Chromium: type, see the answer, submit the
// card, see the summary; threads, files, themes, phone, keyboard, and texts
// that try to be HTML.
//
//   node tests/browser/chat.mjs URL              a bot answers there already
//   node tests/browser/chat.mjs URL --stand-in   bring the stand-in bot
//
// Nothing sleeps: every step waits for what it expects.  Screenshots go to
// build/chat-*.png.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startBot } from "./bot.mjs";
import { launch, openPage, shots, widthOf } from "./launch.mjs";

const base = (process.argv[2] || "").replace(/\/$/, "");

if (!/^https?:\/\//.test(base)) {
  console.error("usage: chat.mjs URL [--stand-in]");
  process.exit(2);
}

const sim = async (method, path, body) => {
  const res = await fetch(`${base}/sim/${path}`, {
    method, body: body && JSON.stringify(body),
  });

  assert.ok(res.ok, `${method} /sim/${path}: ${res.status}`);
  return res.json();
};

// -- pages --

const complaints = [];
let browser;

const open = (options) => openPage(browser, base, "/", options, complaints,
  /Content Security Policy|status of [45]/);

const messages = (page, by) => page.locator(
  by ? `#log li.msg[data-by="${by}"]` : "#log li.msg");

async function say(page, text) {
  await page.fill("#say", text);
  await page.press("#say", "Enter");
}

// Do something and wait for the next message of the bot.
async function answered(page, what) {
  const before = await messages(page, "bot").count();

  await what();
  const node = messages(page, "bot").nth(before);

  await node.waitFor();
  return node;
}

async function enter(page, title) {
  await page.locator(".room", { hasText: title }).click();
  await page.waitForFunction((t) =>
    document.querySelector("#title").textContent === t, title);
}

// -- the steps --

const tests = [];
const test = (name, fn) => tests.push([name, fn]);

test("the page is complete and says what to do", async (page) => {
  assert.equal(await page.title(), "Demo Bot · Webex simulator");
  assert.ok(await page.locator("#hint").isVisible());
  assert.ok(await page.locator("#banner").isHidden());
  const nameless = await page.$$eval("button, input, textarea", (all) =>
    all.filter((x) => x.offsetParent !== null && !(x.textContent.trim() ||
      x.getAttribute("aria-label") || x.labels?.length)).length);

  assert.equal(nameless, 0, "controls without a name");
  const licences = await (await fetch(`${base}/LICENSES`)).text();

  assert.match(licences, /Microsoft[\s\S]*Permission is hereby granted/);
  assert.match(licences, /Vitaly Puzrin/);
});

test("hello is answered", async (page) => {
  const node = await answered(page, () => say(page, "hello"));

  assert.match(await node.innerText(), /hello/i);
  assert.ok(await node.locator("strong").count() > 0, "markdown is drawn");
  assert.ok(await page.locator("#hint").isHidden());
});

test("echo sends the text back", async (page) => {
  const node = await answered(page, () => say(page, "echo one two three"));

  assert.match(await node.innerText(), /one two three/);
  assert.ok(await node.locator("pre code").count() > 0);
});

test("the traffic shows the webhook and the calls", async (page) => {
  await page.locator('#calls li[data-kind="delivery"]').first().waitFor();
  await page.locator('.chips [data-kind="delivery"]').click();
  assert.equal(await page.locator(
    '#calls li:not([hidden])[data-kind="call"]').count(), 0);
  const row = page.locator("#calls li:not([hidden]) details").first();

  await row.locator("summary").click();
  await row.locator("pre").first().waitFor();
  assert.match(await row.locator("pre").first().innerText(),
    /"resource": "messages"/);
  await row.locator("summary").click();
  await page.locator('.chips [data-kind="all"]').click();
  await page.fill("#find", "one two three");
  await page.waitForFunction(() => [...document.querySelectorAll(
    "#calls li:not([hidden])")].length > 0);
  await page.fill("#find", "");
});

// Whatever the card asks: the first of each choice, a text, a tick.
async function fillIn(card, text) {
  const fields = card.locator('textarea, input[type="text"]');
  const choices = await card.locator('input[type="radio"]').evaluateAll(
    (all) => [...new Map(all.map((x, i) => [x.name, i]).reverse()).values()]);

  for (const i of choices)
    await card.locator('input[type="radio"]').nth(i).check();
  await fields.first().fill(text);
  await card.locator('input[type="checkbox"]').first().check();
}

test("the feedback card is filled in and submitted", async (page) => {
  const text = "The answers come quickly, thank you!";
  const card = (await answered(page, () => say(page, "feedback")))
    .locator(".card");
  const button = card.locator(".ac-pushButton").first();

  await button.waitFor();
  await page.mouse.move(5, 400);
  await fillIn(card, text);
  await page.mouse.move(5, 400);
  await page.screenshot({ path: join(shots, "chat-card.png") });
  const summary = await answered(page, () => button.click());

  await summary.getByText(text).waitFor();
  await page.locator('#calls li[data-kind="delivery"] summary').nth(1)
    .click();
  await page.mouse.move(5, 400);
  await page.screenshot({ path: join(shots, "chat-light.png") });
  await page.locator("#calls details[open] summary").click();
});

test("a space: the picker mentions the bot, by keyboard", async (page) => {
  await enter(page, "Demo space");
  await page.focus("#say");
  await page.keyboard.type("@de");
  await page.locator("#picker li").first().waitFor();
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#picker").isHidden());
  await page.keyboard.press("Backspace");
  await page.locator("#picker li").first().waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#say"), "@Demo Bot ");
  await page.keyboard.type("hello");
  const node = await answered(page, () => page.keyboard.press("Enter"));

  assert.match(await node.innerText(), /hello/i);
  assert.equal(await messages(page, "anna@example.com").last()
    .locator(".mention").innerText(), "@Demo Bot");
});

test("what does not mention the bot does not reach it", async (page) => {
  const before = await sim("GET", "messages?by=bot&items=0");

  await say(page, "only among us");
  await messages(page, "anna@example.com").last()
    .getByText("only among us").waitFor();
  await sim("GET", "idle?wait=5000");
  const after = await sim("GET", "messages?by=bot&items=0");

  assert.equal(after.count, before.count);
  await messages(page, "anna@example.com").last()
    .getByText("Demo Bot was not mentioned and does not hear this").waitFor();
  assert.equal(await page.locator(".unheard").count(), 1);
});

test("a thread: the reply and its answer stand under the root",
  async (page) => {
    const root = messages(page, "anna@example.com").first();

    await root.hover();
    await root.locator(".msgtools").first()
      .getByRole("button", { name: "Reply in thread" }).click();
    await say(page, "@Demo Bot echo within the thread");
    await root.locator('.thread li[data-by="bot"]').waitFor();
    assert.equal(await root.locator(".thread li.msg").count(), 2);
    assert.match(await root.locator('.thread li[data-by="bot"]').innerText(),
      /within the thread/);
  });

test("lines, edits and deletions", async (page) => {
  await page.focus("#say");
  await page.keyboard.type("first");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second");
  await page.keyboard.press("Enter");
  const own = messages(page, "anna@example.com").last();

  await own.getByText("second").waitFor();
  assert.match(await own.locator(".text").innerText(), /first\nsecond/);
  await page.press("#say", "ArrowUp");
  assert.match(await page.inputValue("#say"), /first\nsecond/);
  await page.fill("#say", "third");
  await page.keyboard.press("Enter");
  await own.getByText("Edited").waitFor();
  assert.equal(await own.locator(".text").innerText(), "third");
  await own.hover();
  await own.getByRole("button", { name: "Delete" }).click();
  await own.getByText("This message was deleted.").waitFor();
});

test("a file is sent and comes back", async (page) => {
  await page.setInputFiles("#file", { name: "notes <i>.txt",
    mimeType: "text/plain", buffer: Buffer.from("forty-two") });
  await page.press("#say", "Enter");
  const chip = messages(page, "anna@example.com").last().locator(".file");

  await chip.waitFor();
  assert.match(await chip.innerText(), /notes <i>\.txt/);
  const [download] = await Promise.all([page.waitForEvent("download"),
    chip.click()]);
  const chunks = [];

  for await (const part of await download.createReadStream())
    chunks.push(part);
  assert.equal(Buffer.concat(chunks).toString(), "forty-two");
});

test("texts that try to be HTML stay texts", async (page) => {
  const evil = '<img src=x onerror="window.hacked=1">';

  await say(page, evil);
  await say(page, `**a** ${evil} [x](javascript:window.hacked=1)`);
  await say(page, "<script>window.hacked=1</script>");
  await sim("POST", "say", { room: "Demo space", person: "ben",
    markdown: `<@personEmail:anna@example.com|${evil}> _hi_` });
  await sim("POST", "add", { title: evil });
  await fetch(`${base}/v1/messages`, {
    method: "POST",
    headers: { Authorization: "Bearer sim-bot-token",
      "Content-Type": "application/json" },
    body: JSON.stringify({
      roomId: await page.evaluate(() => document.body.dataset.room),
      attachments: [{
        contentType: "application/vnd.microsoft.card.adaptive",
        content: { type: "AdaptiveCard", version: "1.3", body: [
          { type: "TextBlock", text: `evil ${evil}` },
          { type: "Image", url: "https://example.com/not-to-be-had.png",
            altText: evil },
        ] },
      }],
    }),
  });
  await page.getByText("evil <img src=x").waitFor();
  await page.locator(".room", { hasText: "<img" }).waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
});

test("a refused call is shown", async (page) => {
  await sim("POST", "faults", { what: "messages", method: "POST",
    who: "people", status: 503 });
  await say(page, "this will not do");
  await page.locator(".error", { hasText: "503" }).waitFor();
  assert.equal(await page.inputValue("#say"), "this will not do");
  await page.press("#say", "Enter");
  await messages(page, "anna@example.com").last()
    .getByText("this will not do").waitFor();
  await page.locator(".error button").click();
});

test("Ben sees what Anna wrote, and has unread marks", async (page) => {
  await sim("POST", "say", { room: "direct", person: "ben", text: "hello" });
  await page.locator(".person .dot").waitFor();
  await page.locator('.person input[value="ben@example.com"]').check();
  await page.locator(".room .unread").waitFor();
  await enter(page, "Demo space");
  await messages(page, "anna@example.com").first().waitFor();
  await page.locator(".mention.me").first().waitFor({ state: "detached" });
  // arrow keys walk through the spaces
  await page.locator(".room").first().focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => [...document.querySelectorAll(
    ".room")].indexOf(document.activeElement)), 1);
  await page.locator('.person input[value="anna@example.com"]').check();
});

test("a new space with the bot", async (page) => {
  await page.click("#newspace");
  await page.keyboard.type("Lunch");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() =>
    document.querySelector("#title").textContent === "Lunch");
  assert.match(await page.locator("#members").innerText(), /Demo Bot/);
  // the bot says welcome, or the page says what to do
  await page.locator("#hint:not([hidden]), #log li.msg").first().waitFor();
});

test("dark, as the system says and by the button", async () => {
  const page = await open({ colorScheme: "dark",
    viewport: { width: 1440, height: 900 } });
  const back = () => page.evaluate(() =>
    getComputedStyle(document.querySelector(".chat")).backgroundColor);
  const dark = await back();

  await page.locator(".card").first().waitFor();
  await page.locator("#calls li:not([hidden]) summary").nth(1).click();
  await page.screenshot({ path: join(shots, "chat-dark.png") });
  await page.getByRole("button", { name: "Switch to light" }).click();
  assert.notEqual(await back(), dark);
  await page.reload();
  await page.waitForSelector("body[data-ready]");
  assert.notEqual(await back(), dark, "the choice is remembered");
  await page.context().close();
});

test("a phone: 360 px wide, three views, nothing cut off", async () => {
  const page = await open({ viewport: { width: 360, height: 740 },
    isMobile: true, hasTouch: true });
  assert.equal(await widthOf(page), 360);
  await answered(page, () => say(page, "hello"));
  await page.screenshot({ path: join(shots, "chat-phone.png") });
  await page.getByRole("button", { name: "Traffic" }).last().click();
  await page.locator("#calls li").first().waitFor();
  assert.equal(await widthOf(page), 360);
  await page.screenshot({ path: join(shots, "chat-phone-traffic.png") });
  await page.getByRole("button", { name: "Spaces" }).click();
  await page.locator(".room", { hasText: "Demo space" }).click();
  await page.locator("#say").waitFor();
  await page.context().close();
});

test("a reset empties the page by itself", async (page) => {
  await enter(page, "Demo Bot");
  await messages(page).first().waitFor();
  await sim("POST", "reset", { keepWebhooks: true });
  await page.locator("#hint").waitFor();
  assert.equal(await messages(page).count(), 0);
});

// -- all of them --

let failed = 0, stop = async () => {};

mkdirSync(shots, { recursive: true });
browser = await launch();
try {
  await sim("POST", "reset", { keepWebhooks: true });
  if (process.argv.includes("--stand-in"))
    stop = await startBot(base);
  const page = await open({ viewport: { width: 1440, height: 900 } });

  for (const [name, fn] of tests) {
    try {
      await fn(page);
      assert.deepEqual(complaints.splice(0), [], "complaints of the page");
      console.log(`ok   ${name}`);
    } catch (e) {
      failed++;
      console.log(`FAIL ${name}\n     ${String(e.stack).replace(/\n/g,
        "\n     ")}`);
      await page.screenshot({ path: join(shots, `chat-failed-${failed}.png`) });
    }
  }
} finally {
  await browser.close();
  await stop();
}
console.log(`${tests.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
