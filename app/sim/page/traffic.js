// The right: each webhook and REST call as it happens.
import { $, state, ask } from "./app.js";
import { el, clockFine, bytes } from "./text.js";

const KEPT = 500; // rows

const rows = []; // newest last: { item, node }
let kind = "all";
let unseen = 0;

// -- what a row says --

// Ids begin alike; their end tells them apart.
const shortId = (s) => s.replace(/[A-Za-z0-9_-]{40,}/g, (id) =>
  `…${id.slice(-5)}`);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const actor = (id) => state.everybody.find((p) => p.id === id)?.nickName;

// What it is, and what it is about.
function label(item) {
  const body = parse(item.request);

  if (item.kind === "delivery")
    return [`${body?.resource || "webhook"} ${body?.event || ""}`,
      actor(body?.actorId)];
  return [shortId(item.path.replace(/^\/v1/, "")),
    body?.markdown || body?.text || (body?.attachments ? "a card"
      : body?.resource && `${body.resource} ${body.event}`)];
}

const latency = (ms) => ms < 1 ? `${Math.round(ms * 1000)} µs`
  : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

function tone(item) {
  if (item.status === 0 || item.status >= 500)
    return "bad";
  return item.status >= 400 ? "warn" : "good";
}

function pretty(text) {
  const value = parse(text);

  return value === undefined ? text : JSON.stringify(value, null, 2);
}

function body(title, text, full) {
  const size = full === undefined ? "empty" : bytes(full);

  return el("section", { class: "callbody" },
    el("h4", {}, title, el("span", { class: "size", text: size })),
    full === undefined ? null : el("pre", { tabindex: "0",
      text: text === undefined ? "(not text)" : pretty(text) }));
}

function details(item) {
  const out = item.kind === "delivery";
  const fact = (k, v) => v ? [el("dt", { text: k }), el("dd", { text: v })]
    : [];

  return el("div", { class: "calldetails" },
    el("dl", {}, ...fact(out ? "To" : "Path", item.path),
      ...fact(out ? "Webhook" : "Caller", item.who),
      ...fact("Remark", item.remark), ...fact("trackingId", item.trackingId)),
    body(out ? "Notification" : "Request", item.request, item.requestBytes),
    body(out ? "Answer of the bot" : "Answer", item.response,
      item.responseBytes));
}

function draw(item) {
  const out = item.kind === "delivery", [what, about] = label(item);
  const row = el("details", { class: `call ${out ? "out" : "in"}` },
    el("summary", {},
      el("span", { class: "dir", text: out ? "→" : "←",
        title: out ? "from Webex to the bot" : "from the bot to Webex",
        "aria-label": out ? "Webhook" : "REST call" }),
      el("span", { class: "method", text: item.method }),
      el("span", { class: "what", title: item.path }, what,
        about ? el("span", { class: "about", text: about }) : null),
      el("span", { class: `status ${tone(item)}`,
        text: item.status || "cut" }),
      el("span", { class: "ms", text: latency(item.ms) }),
      el("time", { text: clockFine(item.time), datetime: item.time })));

  // bodies are drawn when somebody looks
  row.addEventListener("toggle", () => {
    if (row.open && row.children.length === 1)
      row.append(details(item));
  });
  return el("li", { "data-kind": item.kind, "data-status": item.status },
    row);
}

// -- which rows --

function wanted(item) {
  const words = $("find").value.trim().toLowerCase();
  const person = item.kind === "call" &&
    state.people.some((p) => p.displayName === item.who);

  if (person && !$("everyone").checked)
    return false;
  if (kind === "failed" ? item.status > 0 && item.status < 400
    : kind !== "all" && kind !== item.kind)
    return false;
  return words === "" || [item.method, item.path, item.status, item.who,
    item.request, item.response].join(" ").toLowerCase().includes(words);
}

function count() {
  const shown = rows.filter((r) => !r.node.hidden).length;

  $("count").textContent = shown > 0 ? String(shown) : "";
  $("nocalls").hidden = shown > 0;
  document.querySelector('.tabs [data-tab="traffic"]').dataset.unseen =
    unseen > 0 ? (unseen > 99 ? "99+" : unseen) : "";
}

function filter() {
  for (const r of rows)
    r.node.hidden = !wanted(r.item);
  count();
}

let coming = [];
let later = null;

// In a burst only what can stay is drawn, and once a frame.
function flush() {
  const fresh = coming.slice(-KEPT);

  later = null;
  coming = [];
  for (const item of fresh) {
    const row = { item, node: draw(item) };

    rows.push(row);
    row.node.hidden = !wanted(item);
    $("calls").prepend(row.node);
    if (!row.node.hidden && document.body.dataset.tab !== "traffic")
      unseen++;
  }
  while (rows.length > KEPT)
    rows.shift().node.remove();
  count();
}

export function add(item) {
  coming.push(item);
  if (coming.length > 4 * KEPT)
    coming = coming.slice(-KEPT);
  if (later === null)
    later = setTimeout(flush, 16);
}

export function seen() {
  unseen = 0;
  count();
}

export async function load() {
  const got = await ask("traffic");

  const known = new Set([...rows.map((r) => r.item), ...coming]
    .map((item) => item.seq));

  coming = [...got.items.filter((item) => !known.has(item.seq)), ...coming]
    .sort((a, b) => a.seq - b.seq);
  flush();
  seen();
}

async function clear() {
  rows.length = coming.length = 0;
  $("calls").replaceChildren();
  seen();
  await fetch("/sim/traffic", { method: "DELETE" });
}

export function start() {
  for (const b of document.querySelectorAll(".chips button"))
    b.addEventListener("click", () => {
      kind = b.dataset.kind;
      for (const other of document.querySelectorAll(".chips button"))
        other.setAttribute("aria-pressed", String(other === b));
      filter();
    });
  $("everyone").addEventListener("change", filter);
  $("find").addEventListener("input", filter);
  $("clear").addEventListener("click", clear);
}
