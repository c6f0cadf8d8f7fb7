// What the browser tests share: where things are, and a headless Chromium.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { chromium } = createRequire(join(root, "build/deps/browser/x.js"))(
  "playwright-core");

export const shots = join(root, "build"); // screenshots

function findChromium() {
  for (const name of ["chromium", "chromium-browser", "google-chrome"])
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`],
        { encoding: "utf8" }).trim();
    } catch {
      // the next one
    }
  throw new Error("no chromium, chromium-browser or google-chrome in PATH");
}

export const launch = () => chromium.launch({
  executablePath: findChromium(),
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"] });

// A page of its own at an address, once it is ready.  What it complains of,
// and what it asks of others, goes into `complaints`; `known` are complaints
// of the browser that belong to the test.
export async function openPage(browser, base, path, options, complaints,
  known = /^$/) {
  const context = await browser.newContext({ locale: "en-GB",
    acceptDownloads: true, reducedMotion: "reduce", ...options });
  const page = await context.newPage();

  page.setDefaultTimeout(10000);
  page.on("pageerror", (e) => complaints.push(`error: ${e}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !known.test(m.text()))
      complaints.push(`console: ${m.text()}`);
  });
  page.on("response", (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith("blob:"))
      complaints.push(`went out to ${r.url()}`);
  });
  await page.goto(base + path);
  await page.waitForSelector("body[data-ready]");
  return page;
}

// How wide a page wants to be, also where fonts are wider than here.
export function widthOf(page) {
  return page.evaluate(() => {
    const { style, scrollWidth } = document.documentElement;

    style.letterSpacing = "0.08em";
    const wider = document.documentElement.scrollWidth;
    style.letterSpacing = "";
    return Math.max(scrollWidth, wider);
  });
}
