// The gallery: every card of the folder with its sample data; one of them
// with its texts, drawn anew while they are edited.  Files that change are
// read again; what is being edited stays until it is given up.
import { editor } from "./editor.js";
import { loadHosts, renderCard } from "./hosts.js";
import { serial } from "./serial.js";
import { el } from "./text.js";
import { startTheme } from "./theme.js";

const $ = (id) => document.getElementById(id);
const cards = new Map(); // by name: {template, data, drawn}
let open = null;         // the name of the one that is edited
let edited = false;

async function ask(path, body) {
  const res = await fetch(`/preview/${path}`, body && {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await res.json().catch(() => ({}));

  if (!res.ok)
    throw new Error(answer.message || `${path}: ${res.status}`);
  return answer;
}

const draw = (template, data) => ask("render", { template,
  data: data || "" });

// -- a drawn card --

function sends(action, note) {
  if (action instanceof AdaptiveCards.SubmitAction)
    note.textContent = `Sends ${JSON.stringify(action.data || {})}`;
  else if (action instanceof AdaptiveCards.OpenUrlAction)
    note.textContent = `Opens ${action.url}`;
  else
    note.textContent = "This button does nothing in Webex.";
}

function picture(content, note) {
  const box = el("div", { class: "card" });

  try {
    box.append(renderCard(content, (action) => sends(action, note)));
  } catch (e) {
    box.append(el("p", { class: "gone",
      text: `This card cannot be drawn: ${e.message}` }));
  }
  return box;
}

const count = (problems, level) =>
  problems.filter((p) => p.level === level).length;

function badge(problems, level) {
  const n = count(problems, level);

  return n === 0 ? null : el("span", { class: `badge is-${level}`,
    text: `${n} ${level}${n > 1 ? "s" : ""}` });
}

// -- all of them --

function tile(name, c) {
  const note = el("div", { class: "sends", role: "status" });
  const first = c.drawn.problems.find((p) => p.level === "error");

  return el("li", { class: "tile", "data-name": name },
    el("h2", {}, el("a", { href: `#${encodeURIComponent(name)}`,
      text: name }), badge(c.drawn.problems, "error"),
    badge(c.drawn.problems, "warning")),
    c.drawn.card === undefined
      ? el("p", { class: "gone", text: first ? first.message
        : "There is nothing to draw." })
      : picture(c.drawn.card, note), note);
}

function drawTiles() {
  $("tiles").replaceChildren(...[...cards].map(([n, c]) => tile(n, c)));
  $("empty").hidden = cards.size > 0;
  $("empty").textContent = "There are no cards yet. A file NAME.card.json " +
    "in this folder is one; NAME.sample.json beside it is its sample data.";
}

// -- one of them --

let texts, shown = 0;

function problemRow(p) {
  return el("li", { class: `is-${p.level}`, "data-code": p.code },
    el("button", { type: "button",
      onclick: () => texts[p.in].go(p.line, p.column) },
    el("span", { class: "where", text: `${p.in} ${p.line}:${p.column}` }),
    el("span", { class: "what", text: p.message })));
}

const order = ["template", "data"];
const place = (a, b) => order.indexOf(a.in) - order.indexOf(b.in) ||
  a.line - b.line || a.column - b.column;

function show(drawn) {
  const of = (name) => drawn.problems.filter((p) => p.in === name);

  texts.template.mark(of("template"));
  texts.data.mark(of("data"));
  $("problems").replaceChildren(
    ...[...drawn.problems].sort(place).map(problemRow));
  if (drawn.problems.length === 0)
    $("problems").append(el("li", { class: "none", text: "None." }));
  $("sends").textContent = "";
  // what was drawn last stays in sight while something is wrong
  $("stale").hidden = drawn.card !== undefined;
  $("stale").textContent = $("card").firstChild === null
    ? "Nothing can be drawn yet." : "This is how it was before the mistake.";
  $("card").classList.toggle("old", drawn.card === undefined);
  if (drawn.card !== undefined) {
    $("card").replaceChildren(picture(drawn.card, $("sends")));
    $("fallback").textContent = drawn.fallback || "";
  }
  document.body.dataset.shown = String(++shown);
}

// Only the latest answer counts: they may come in any order.
let asked = 0, timer;

async function redraw() {
  const mine = ++asked;

  try {
    const drawn = await draw(texts.template.value, texts.data.value);

    if (mine === asked)
      show(drawn);
  } catch (e) {
    $("live").textContent = e.message;
  }
}

function typed() {
  edited = true;
  $("reset").hidden = false;
  clearTimeout(timer);
  timer = setTimeout(redraw, 80);
}

function fill() {
  const c = cards.get(open);

  edited = false;
  $("reset").hidden = true;
  texts.template.value = c.template;
  texts.data.value = c.data || "";
  show(c.drawn);
}

function enter() {
  const name = decodeURIComponent(location.hash.slice(1));
  const found = cards.has(name);

  if (found && name !== open) {
    open = name;
    $("card").replaceChildren();
    $("name").textContent = name;
    $("templatefile").textContent = `${name}.card.json`;
    $("datafile").textContent = `${name}.sample.json`;
    fill();
  } else if (!found) {
    open = null;
  }
  document.title = open === null ? "Cards" : `${open} · Cards`;
  $("overview").hidden = open !== null;
  $("one").hidden = open === null;
}

// -- files --

const load = serial(async () => {
  const list = await ask("cards");
  const next = new Map(await Promise.all(list.cards.sort().map(async (name) => {
    const c = await ask(`cards/${encodeURIComponent(name)}`);
    const was = cards.get(name);

    if (was && was.template === c.template && was.data === c.data)
      return [name, was];
    c.drawn = await draw(c.template || "", c.data);
    return [name, c];
  })));
  const mine = cards.get(open);

  cards.clear();
  for (const [name, c] of next)
    cards.set(name, c);
  $("folder").textContent = list.folder;
  $("chat").hidden = !list.chat;
  drawTiles();
  if (open !== null && cards.has(open) && cards.get(open) !== mine && !edited)
    fill();
  enter();
});

function follow() {
  const stream = new EventSource("/preview/events");
  let first = true;

  // after a break something may have been missed
  stream.addEventListener("hello", () => {
    $("live").textContent = "";
    if (!first)
      load();
    first = false;
    document.body.dataset.live = "";
  });
  stream.addEventListener("changed", () => load());
  stream.onerror = () => {
    $("live").textContent = "Not connected; trying again.";
  };
}

async function start() {
  startTheme($("theme"), () => {
    drawTiles();
    if (open !== null)
      redraw();
  });
  texts = { template: editor("Template", typed),
    data: editor("Sample data", typed,
      "No sample data yet: what is written here fills the card") };
  $("template").append(texts.template.node);
  $("data").append(texts.data.node);
  $("reset").addEventListener("click", fill);
  addEventListener("hashchange", enter);
  await loadHosts();
  await load();
  follow();
  document.body.dataset.ready = "";
}

start().catch((e) => { $("live").textContent = e.message; });
