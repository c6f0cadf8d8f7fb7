// The message box: sending, replying, editing, files, and the picker for
// mentions.
import { $, state, rest, nameOf } from "./app.js";
import { el, icon, avatar, looksMarked, bytes } from "./text.js";
import { lastOwn } from "./chat.js";

let parent = null;  // the message that is replied to
let editing = null; // the message that is edited
let file = null;
let choices = [];   // in the picker
let chosen = 0;

// -- what is sent --

const members = () => (state.room?.members || []).map((email) =>
  state.everybody.find((p) => p.email === email)).filter(Boolean);

// "@Demo Bot" becomes the mention of a member; the longest name first.
function withMentions(text) {
  const people = members().filter((p) => p !== state.me)
    .sort((a, b) => b.displayName.length - a.displayName.length);
  let found = false;
  const escape = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const names = people.map((p) => escape(p.displayName)).join("|");

  if (state.room?.type !== "group" || names === "")
    return { text, found };
  const marked = text.replace(
    new RegExp(`(^|\\s)@(${names}|all)(?![\\w])`, "g"), (whole, gap, name) => {
      const p = people.find((x) => x.displayName === name);

      found = true;
      return p === undefined ? `${gap}<@all>`
        : `${gap}<@personId:${p.id}|${p.displayName}>`;
    });
  return { text: marked, found };
}

function contentOf(raw) {
  const { text, found } = withMentions(raw);

  return found || looksMarked(raw) ? { markdown: text } : { text: raw };
}

function withFile(body) {
  const form = new FormData();

  for (const [k, v] of Object.entries(body))
    form.append(k, v);
  form.append("files", file, file.name);
  return form;
}

// Post a text to the room one is in; true when it was taken.
export async function post(raw, to = parent) {
  const body = { roomId: state.room.id };

  if (raw.trim() !== "")
    Object.assign(body, contentOf(raw));
  if (to !== null)
    body.parentId = to.parentId || to.id;
  return await rest("POST", "messages",
    file === null ? body : withFile(body)) !== undefined;
}

async function send(event) {
  const raw = $("say").value, old = editing;

  event?.preventDefault();
  if (state.room === null || (raw.trim() === "" && file === null) ||
      $("send").disabled)
    return;
  $("send").disabled = true;
  const ok = old !== null
    ? await rest("PUT", `messages/${old.id}`, {
      roomId: state.room.id, ...contentOf(raw),
    }) !== undefined
    : await post(raw);
  $("send").disabled = false;
  if (ok)
    reset(true);
}

// -- the state of the box --

function placeholder() {
  if (state.room === null)
    return "";
  if (state.room.type === "group")
    return `Write to the space; @ mentions ${state.bot.displayName}`;
  return `Write to ${nameOf(state.room.members.find((m) =>
    m !== state.me.email))}`;
}

function grow() {
  const box = $("say");

  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 200)}px`;
  box.style.overflowY = box.scrollHeight > 200 ? "auto" : "hidden";
  $("send").classList.toggle("ready",
    box.value.trim() !== "" || file !== null);
}

function drawContext() {
  const m = parent || editing;

  $("context").hidden = m === null;
  if (m === null)
    return;
  $("context").replaceChildren(
    el("span", {}, el("b", { text: editing ? "Editing"
      : `Replying to ${m.displayName}` }),
    el("span", { class: "quote", text: m.text || m.fileName || "a card" })),
    el("button", {
      type: "button", class: "tool", "aria-label": "Cancel",
      onclick: () => reset(true),
    }, icon("close", 16)));
}

function drawFile() {
  $("chosen").hidden = file === null;
  if (file === null)
    return;
  $("chosen").replaceChildren(icon("file"),
    el("span", { class: "filename", text: file.name }),
    el("span", { class: "filesize", text: bytes(file.size) }),
    el("button", {
      type: "button", class: "tool", "aria-label": "Remove the file",
      onclick: () => choose(null),
    }, icon("close", 16)));
}

function choose(f) {
  file = f;
  $("file").value = "";
  drawFile();
  grow();
  $("say").focus();
}

export function reset(focus) {
  parent = editing = file = null;
  $("say").value = "";
  $("say").placeholder = placeholder();
  $("say").disabled = state.room === null;
  $("at").hidden = state.room?.type !== "group";
  drawContext();
  drawFile();
  closePicker();
  grow();
  if (focus)
    $("say").focus();
}

export function reply(m) {
  reset(false);
  parent = m;
  drawContext();
  $("say").focus();
}

export function edit(m) {
  reset(false);
  editing = m;
  $("say").value = (m.markdown || m.text || "").replace(
    /<@(?:personId|personEmail):([^|>]+)(?:\|([^>]*))?>/g, (w, id, name) =>
      `@${name || state.everybody.find((p) =>
        p.id === id || p.email === id)?.displayName || id}`)
    .replace(/<@all>/g, "@all");
  drawContext();
  grow();
  $("say").focus();
}

// -- the picker --

// The "@..." that ends where the cursor is; null: none.
function typed() {
  const before = $("say").value.slice(0, $("say").selectionStart);
  const m = /(^|\s)@([^\n@]{0,40})$/.exec(before);

  return m === null || state.room?.type !== "group" ? null : m[2];
}

function closePicker() {
  choices = [];
  $("picker").hidden = true;
  $("say").removeAttribute("aria-activedescendant");
  $("say").setAttribute("aria-expanded", "false");
}

function drawPicker() {
  $("picker").hidden = choices.length === 0;
  $("say").setAttribute("aria-expanded", String(choices.length > 0));
  $("picker").replaceChildren(...choices.map((p, i) => el("li", {
    id: `pick-${i}`, role: "option", class: i === chosen ? "on" : null,
    "aria-selected": String(i === chosen),
    onmousedown: (e) => {
      e.preventDefault();
      pick(p);
    },
  }, avatar(p.displayName, p.type === "bot"),
  el("span", { text: p.displayName }),
  p.type === "bot" ? el("span", { class: "tag", text: "Bot" }) : null)));
  if (choices.length > 0)
    $("say").setAttribute("aria-activedescendant", `pick-${chosen}`);
}

function lookUp() {
  const word = typed()?.toLowerCase();
  const rank = (p) => p.type === "bot" ? 0 : 1;

  if (word === undefined || word.endsWith(" ")) {
    closePicker();
    return;
  }
  choices = members().filter((p) => p !== state.me &&
    p.displayName.toLowerCase().startsWith(word) &&
    p.displayName.toLowerCase() !== word)
    .sort((a, b) => rank(a) - rank(b)).slice(0, 8);
  chosen = 0;
  drawPicker();
}

function pick(p) {
  const box = $("say"), end = box.selectionStart;
  const start = end - typed().length;

  box.setRangeText(`${p.displayName} `, start, end, "end");
  closePicker();
  grow();
  box.focus();
}

function pickerKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];

  if (choices.length === 0)
    return false;
  if (step !== undefined) {
    chosen = (chosen + step + choices.length) % choices.length;
    drawPicker();
  } else if (event.key === "Enter" || event.key === "Tab") {
    pick(choices[chosen]);
  } else if (event.key === "Escape") {
    closePicker();
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}

function key(event) {
  if (event.isComposing || pickerKey(event))
    return;
  if (event.key === "Enter" && !event.shiftKey) {
    send(event);
  } else if (event.key === "Escape" && (parent || editing)) {
    reset(true);
  } else if (event.key === "ArrowUp" && $("say").value === "" &&
      editing === null && lastOwn() !== undefined) {
    event.preventDefault();
    edit(lastOwn());
  }
}

// A mention begins where the cursor is.
function startMention() {
  const box = $("say"), at = box.selectionStart;
  const gap = at > 0 && !/\s/.test(box.value[at - 1]) ? " @" : "@";

  box.focus();
  box.setRangeText(gap, at, box.selectionEnd, "end");
  grow();
  lookUp();
}

export function start() {
  $("send").append(icon("send"));
  $("at").append(icon("at"));
  $("clip").append(icon("clip"));
  $("composer").addEventListener("submit", send);
  $("say").addEventListener("keydown", key);
  $("say").addEventListener("input", () => {
    grow();
    lookUp();
  });
  $("say").addEventListener("blur", closePicker);
  $("at").addEventListener("click", startMention);
  $("clip").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    if ($("file").files.length > 0)
      choose($("file").files[0]);
  });
}
