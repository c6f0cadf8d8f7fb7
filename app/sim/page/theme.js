// Light and dark, and what the pages remember of a person's choices.
import { icon } from "./text.js";

const wantsDark = matchMedia("(prefers-color-scheme: dark)");

export function saved(key, value) {
  try {
    if (value !== undefined)
      localStorage.setItem(`webexbot.${key}`, value);
    return localStorage.getItem(`webexbot.${key}`);
  } catch {
    return null; // storage is switched off
  }
}

// The button switches; until it has, the system says.  `changed` draws anew
// what has colours of its own.
export function startTheme(button, changed = () => {}) {
  let chosen = null; // on this page

  function draw() {
    const now = chosen || saved("theme") ||
      (wantsDark.matches ? "dark" : "light");
    const other = now === "dark" ? "light" : "dark";

    document.documentElement.dataset.theme = now;
    button.replaceChildren(icon(now === "dark" ? "sun" : "moon"));
    button.setAttribute("aria-label", `Switch to ${other}`);
    button.title = `Switch to ${other}`;
    button.onclick = () => {
      chosen = other;
      saved("theme", other);
      draw();
      changed();
    };
  }
  draw();
  wantsDark.addEventListener("change", () => {
    draw();
    changed();
  });
}
