// A text field for JSON: line numbers, and problems at their lines.  The
// marks lie behind the field and repeat its text unseen, so that a note
// stands where its line ends.
import { el } from "./text.js";

export function editor(label, changed, placeholder = "") {
  const gutter = el("pre", { class: "gutter", "aria-hidden": true });
  const marks = el("pre", { class: "marks", "aria-hidden": true });
  const field = el("textarea", {
    class: "field", wrap: "off", spellcheck: "false", autocomplete: "off",
    autocapitalize: "off", "aria-label": label, placeholder,
  });
  let problems = [];

  const follow = () => {
    gutter.scrollTop = marks.scrollTop = field.scrollTop;
    marks.scrollLeft = field.scrollLeft;
  };

  function draw() {
    const lines = field.value.split("\n");
    const at = new Map();

    for (const p of problems)
      at.set(p.line, [...(at.get(p.line) || []), p]);
    gutter.replaceChildren(...lines.map((_, i) => el("div", {
      class: level(at.get(i + 1)), text: String(i + 1),
    })));
    marks.replaceChildren(...lines.map((text, i) => {
      const here = at.get(i + 1);

      return el("div", { class: level(here) },
        el("span", { class: "ghost", text: text || " " }),
        here ? el("span", { class: "note",
          text: here.map((p) => p.message).join(" · ") }) : null);
    }));
    follow();
  }

  field.addEventListener("scroll", follow);
  field.addEventListener("input", () => {
    // until the answer comes, old notes would stand at wrong lines
    problems = [];
    draw();
    changed();
  });
  // a tab indents; Escape and then Tab leave the field
  let leaving = false;

  field.addEventListener("keydown", (e) => {
    if (e.key === "Tab" && !e.shiftKey && !leaving) {
      e.preventDefault();
      field.setRangeText("  ", field.selectionStart, field.selectionEnd,
        "end");
      field.dispatchEvent(new Event("input"));
    }
    leaving = e.key === "Escape";
  });

  return {
    node: el("div", { class: "editor" }, gutter,
      el("div", { class: "sheet" }, marks, field)),
    get value() { return field.value; },
    set value(text) {
      field.value = text;
      problems = [];
      draw();
    },
    mark(list) {
      problems = list;
      draw();
    },
    // Put the cursor there; columns count characters.
    go(line, column) {
      const before = field.value.split("\n").slice(0, line - 1);
      const at = before.reduce((n, l) => n + l.length + 1, 0) +
        [...field.value.split("\n")[line - 1] || ""]
          .slice(0, column - 1).join("").length;

      field.focus();
      field.setSelectionRange(at, at);
      field.scrollTop = Math.max(0, (line - 4) * 19);
      field.scrollLeft = 0;
    },
  };
}

function level(problems) {
  if (problems === undefined)
    return "";
  return problems.some((p) => p.level === "error") ? "is-error"
    : "is-warning";
}
