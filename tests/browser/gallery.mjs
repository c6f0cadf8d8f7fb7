// The gallery of cards in headless Chromium: all cards drawn, one edited,
// errors at their line, files that change, light and dark.
//
//   node tests/browser/gallery.mjs URL FOLDER     FOLDER is written to
//
// Nothing sleeps: every step waits for what it expects.  Screenshots go to
// build/gallery-*.png.
import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, openPage, shots } from "./launch.mjs";

const [base, folder] = [(process.argv[2] || "").replace(/\/$/, ""),
  process.argv[3]];

if (!/^https?:\/\//.test(base) || folder === undefined) {
  console.error("usage: gallery.mjs URL FOLDER");
  process.exit(2);
}

// As editors write: aside, then in its place.
function write(name, text) {
  writeFileSync(join(folder, `${name}~`), text);
  renameSync(join(folder, `${name}~`), join(folder, name));
}

const complaints = [];
const tests = [];
const test = (name, fn) => tests.push([name, fn]);

const tile = (page, name) => page.locator(`.tile[data-name="${name}"]`);
const field = (page, label) => page.getByLabel(label, { exact: true });

async function enter(page, name) {
  await page.goto(`${base}/cards#${name}`);
  await page.locator("#one:not([hidden])").waitFor();
  assert.equal(await page.locator("#name").innerText(), name);
}

test("all cards are there, drawn with their sample data", async (page) => {
  await tile(page, "shop").getByText("Order A-17 for Anna").waitFor();
  assert.equal(await page.locator(".tile").count(), 4);
  assert.equal(await tile(page, "feedback").locator("input[type=radio]")
    .count(), 3);
  assert.match(await tile(page, "broken").innerText(), /1 error/);
  assert.match(await tile(page, "torn").innerText(), /was expected/);
  assert.equal(await page.locator("#folder").innerText(), folder);
  // what a button sends is told
  await tile(page, "shop").getByRole("button", { name: "Take it" }).click();
  await tile(page, "shop").getByText('Sends {"take":"A-17"}').waitFor();
  await page.screenshot({ path: join(shots, "gallery-all.png") });
});

test("where there is no sample data the page says what it is for",
  async (page) => {
    await enter(page, "torn");
    assert.equal(await field(page, "Sample data")
      .getAttribute("placeholder"),
    "No sample data yet: what is written here fills the card");
    assert.equal(await field(page, "Sample data").inputValue(), "");
  });

test("data that is edited is drawn at once", async (page) => {
  await enter(page, "shop");
  const data = field(page, "Sample data");
  const text = await data.inputValue();

  await data.fill(text.replace("Anna", "Zoë <b> & Co"));
  await page.locator("#card").getByText("Order A-17 for Zoë <b> & Co")
    .waitFor();
  await page.getByText("None.", { exact: true }).waitFor();
  assert.match(await page.locator("#fallback").innerText(), /Zoë <b> & Co/);
  // and the template, too
  const template = field(page, "Template");

  await template.fill((await template.inputValue())
    .replace("Order ", "Nr. "));
  await page.locator("#card").getByText("Nr. A-17 for Zoë").waitFor();
  // nothing of that is in the file
  assert.match(readFileSync(join(folder, "shop.card.json"), "utf8"),
    /Order \$/);
  await page.getByRole("button", { name: "Back to the file" }).click();
  await page.locator("#card").getByText("Order A-17 for Anna").waitFor();
});

test("errors stand at their line, and the last drawing stays",
  async (page) => {
    await enter(page, "shop");
    const template = field(page, "Template");
    const text = await template.inputValue();
    const line = text.slice(0, text.indexOf("toUpper")).split("\n").length;

    await template.fill(text.replace("toUpper", "toUper"));
    const mark = page.locator("#template .marks > .is-error");

    await mark.waitFor();
    assert.match(await mark.innerText(),
      /unknown function toUper, did you mean toUpper\?/);
    assert.equal(await page.locator("#template .gutter > .is-error").innerText(),
      String(line));
    // the mark is at the height of its line
    const [at, first] = await Promise.all([mark.boundingBox(),
      page.locator("#template .marks > div").first().boundingBox()]);

    assert.equal(Math.round((at.y - first.y) / 19), line - 1);
    // the list leads there
    await page.locator("#problems button").first().click();
    assert.equal(await template.evaluate((t) => t.value
      .slice(t.selectionStart).startsWith("toUper")), true);
    await page.screenshot({ path: join(shots, "gallery-error.png") });
    // JSON that is none, in the data
    await template.fill(text);
    await page.locator("#card").getByText("Order A-17 for Anna").waitFor();
    await field(page, "Sample data").fill('{\n  "customer": "x",\n}');
    await page.locator("#data .marks > .is-error").waitFor();
    assert.equal(await page.locator("#data .gutter > .is-error").innerText(),
      "3");
    assert.ok(await page.locator("#card").getByText("Order A-17").isVisible());
    assert.ok(await page.getByText("This is how it was before the mistake.")
      .isVisible());
  });

test("a warning leaves the card drawn", async (page) => {
  await enter(page, "shop");
  const template = field(page, "Template");

  await template.fill((await template.inputValue())
    .replace('"version"', '"speak": "x",\n  "version"'));
  await page.locator("#template .marks > .is-warning").waitFor();
  await page.locator("#problems .is-warning").waitFor();
  assert.ok(await page.locator("#stale").isHidden());
});

test("a file that changes is read again", async (page) => {
  await page.waitForSelector("body[data-live]");
  const sample = readFileSync(join(folder, "shop.sample.json"), "utf8");

  write("shop.sample.json", sample.replace("Anna", "Ben"));
  await tile(page, "shop").getByText("Order A-17 for Ben").waitFor();
  await enter(page, "shop");
  write("shop.sample.json", sample.replace("Anna", "Eve"));
  await page.locator("#card").getByText("Order A-17 for Eve").waitFor();
  // what is being edited stays; the file is one click away
  const data = field(page, "Sample data");

  await data.fill(sample.replace("Anna", "Mine"));
  await page.locator("#card").getByText("for Mine").waitFor();
  write("shop.sample.json", sample.replace("Anna", "Theirs"));
  await tile(page, "shop").getByText("for Theirs")
    .waitFor({ state: "attached" });
  assert.match(await data.inputValue(), /Mine/);
  await page.getByRole("button", { name: "Back to the file" }).click();
  await page.locator("#card").getByText("for Theirs").waitFor();
  write("shop.sample.json", sample);
  // a new one, and one that goes
  await page.goto(`${base}/cards#`);
  write("new.card.json", '{"type":"AdaptiveCard","version":"1.3",' +
    '"body":[{"type":"TextBlock","text":"just made"}]}');
  await tile(page, "new").getByText("just made").waitFor();
  rmSync(join(folder, "new.card.json"));
  await tile(page, "new").waitFor({ state: "detached" });
});

test("light and dark as Webex draws them", async (page) => {
  const colours = () => tile(page, "shop").locator(".ac-adaptiveCard")
    .evaluate((n) => getComputedStyle(n).backgroundColor);

  await tile(page, "shop").waitFor();
  assert.equal(await colours(), "rgb(255, 255, 255)");
  await page.getByRole("button", { name: "Switch to dark" }).click();
  await page.waitForFunction(() =>
    document.documentElement.dataset.theme === "dark");
  assert.equal(await colours(), "rgb(36, 40, 43)");
  await page.reload();
  await tile(page, "shop").waitFor();
  assert.equal(await colours(), "rgb(36, 40, 43)");
  await enter(page, "feedback");
  await page.screenshot({ path: join(shots, "gallery-dark.png") });
  await page.getByRole("button", { name: "Switch to light" }).click();
});

test("by keyboard, on a phone, and with names for everything",
  async (page) => {
    await page.setViewportSize({ width: 390, height: 800 });
    await enter(page, "shop");
    assert.equal(await page.evaluate(() =>
      document.documentElement.scrollWidth <= innerWidth), true);
    const data = field(page, "Sample data");

    await data.focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.equal(await data.evaluate((t) => t === document.activeElement),
      false);
    const nameless = await page.$$eval("button, a, textarea", (all) =>
      all.filter((x) => x.offsetParent !== null && !(x.textContent.trim() ||
        x.getAttribute("aria-label"))).length);

    assert.equal(nameless, 0, "controls without a name");
  });

const browser = await launch();
let failed = 0;

for (const [name, fn] of tests) {
  let page;

  try {
    page = await openPage(browser, base, "/cards",
      { viewport: { width: 1280, height: 900 } }, complaints);
    await fn(page);
    assert.deepEqual(complaints, []);
    console.log(`ok      ${name}`);
  } catch (e) {
    failed++;
    complaints.length = 0;
    console.log(`FAILED  ${name}\n${e.stack}`);
    await page?.screenshot({ path: join(shots, "gallery-failed.png") })
      .catch(() => {});
  }
  await page?.context().close();
}
await browser.close();
process.exit(failed === 0 ? 0 : 1);
