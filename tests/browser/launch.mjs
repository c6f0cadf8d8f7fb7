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
