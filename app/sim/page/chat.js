// The middle: the head of the room, its messages and threads.
import { $, state, rest, ask, nameOf, titleOf, complain } from "./app.js";
import { el, icon, avatar, renderMarkdown, clock, bytes } from "./text.js";
import { drawCard } from "./cards.js";
import * as compose from "./compose.js";

const LAST = 300; // messages shown of a room
const TOGETHER = 5 * 60 * 1000; // one head for messages this close

let items = new Map(); // id to message, of the room shown

// -- the head --

function banner() {
  const hooks = state.webhooks.filter((h) => h.createdBy === state.bot.id &&
    (h.resource === "messages" || h.resource === "all"));
  const idle = hooks.filter((h) => h.status !== "active");

  if (hooks.length === 0)
    return `No bot listens yet: there is no webhook for messages. Point one ` +
      `at ${state.api} with the token ${state.bot.token}.`;
  if (idle.length > 0)
    return `The webhook “${idle[0].name}” is inactive: too many ` +
      `deliveries failed. The bot has to activate it again.`;
  return "";
}

export function drawHead() {
  const room = state.room, text = room === null ? "" : banner();

  $("banner").hidden = text === "";
  $("banner").textContent = text;
  if (room === null) {
    $("title").textContent = "No space";
    $("members").textContent = "";
    $("headmark").replaceChildren();
    return;
  }
  const title = titleOf(room);

  $("title").textContent = title;
  $("script").href = "/sim/script?room=" + encodeURIComponent(room.id);
  $("members").textContent = room.type === "direct"
    ? "Direct message" : room.members.map(nameOf).join(", ");
  $("headmark").replaceChildren(
    avatar(title, room.type === "direct", room.type === "group"));
  document.title = `${title} · Webex simulator`;
}

function drawHint() {
  const group = state.room?.type === "group";

  $("hint").hidden = items.size > 0 || state.room === null;
  $("hint").replaceChildren(
    avatar(state.bot.displayName, true),
    el("h3", { text: group ? `Mention ${state.bot.displayName} to talk to it`
      : `Say something to ${state.bot.displayName}` }),
    el("p", { text: group
      ? "In a space a bot hears only what mentions it. Try one of these:"
      : "Try one of these, or write your own:" }),
    el("div", { class: "tries" }, ...state.tries.map((w) => el("button", {
      type: "button", class: "try",
      text: group ? `@${state.bot.displayName} ${w}` : w,
      onclick: () => compose.post(
        group ? `@${state.bot.displayName} ${w}` : w),
    }))));
}

// -- one message --

// What a mention names: "personId:X", "personEmail:x@y", "all".
function mentioned(what) {
  const at = what.indexOf(":"), value = what.slice(at + 1);

  return state.everybody.find((p) => p.id === value || p.email === value);
}

const marks = {
  nameOf: (what) => mentioned(what)?.displayName,
  isMe: (what) => what === "all" || mentioned(what) === state.me,
};

function drawText(m) {
  const node = el("div", { class: "text" });

  if (m.deleted) {
    node.className = "text gone";
    node.textContent = "This message was deleted.";
  } else if (m.attachments) {
    return null; // the text stands in for clients that draw no cards
  } else if (m.markdown) {
    renderMarkdown(node, m.markdown, marks);
  } else if (m.text) {
    node.classList.add("plain");
    node.textContent = m.text;
  } else {
    return null;
  }
  return node;
}

async function download(m) {
  const res = await fetch(new URL(m.files[0]).pathname, {
    headers: { Authorization: `Bearer ${state.me.token}` },
  });

  if (!res.ok) {
    const why = await res.json().catch(() => ({}));

    complain(`${res.status}: ${why.message || "the file cannot be had."}`);
    return;
  }
  const url = URL.createObjectURL(await res.blob());

  el("a", { href: url, download: m.fileName }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function drawFile(m) {
  if (!m.files)
    return null;
  return el("button", {
    type: "button", class: "file", title: "Download",
    onclick: () => download(m),
  }, icon("file"),
  el("span", { class: "filename", text: m.fileName }),
  el("span", { class: "filesize", text: bytes(m.fileBytes) }));
}

function drawTools(m) {
  const mine = m.personEmail === state.me.email;
  const tool = (name, label, fn) => el("button", {
    type: "button", class: "tool", "aria-label": label, title: label,
    onclick: fn,
  }, icon(name, 16));

  if (m.deleted)
    return null;
  return el("div", { class: "msgtools" },
    tool("reply", "Reply in thread", () => compose.reply(m)),
    mine && !m.files ? tool("edit", "Edit", () => compose.edit(m)) : null,
    mine ? tool("bin", "Delete", () =>
      rest("DELETE", `messages/${m.id}`)) : null);
}

function drawMeta(m) {
  return el("div", { class: "meta" },
    el("span", { class: "name", text: m.displayName }),
    m.bot ? el("span", { class: "tag", text: "Bot" }) : null,
    el("time", { datetime: m.created, text: clock(m.created) }),
    m.edits > 0 && !m.deleted
      ? el("span", { class: "edited", text: "Edited" }) : null);
}

// In a space a bot hears only what mentions it.
function drawUnheard(m) {
  const room = state.room;

  if (m.bot || m.deleted || room?.type !== "group" || m.mentionedGroups ||
    m.mentionedPeople?.includes(state.bot.id) ||
    !room.members.includes(state.bot.email))
    return null;
  return el("p", { class: "unheard", text: `${state.bot.displayName} was ` +
    "not mentioned and does not hear this" });
}

function drawMessage(m) {
  const node = el("li", {
    class: "msg", "data-id": m.id, "data-seq": m.seq,
    "data-by": m.bot ? "bot" : m.personEmail,
  }, avatar(m.displayName, m.bot),
  el("div", { class: "body" }, drawMeta(m), drawText(m),
    m.attachments ? drawCard(m) : null, drawFile(m), drawUnheard(m),
    drawTools(m)));

  return node;
}

// -- the list --

const find = (id) => document.querySelector(
  `#log li[data-id="${CSS.escape(id)}"]`);

function threadOf(root) {
  let list = root.querySelector(":scope > .body > .thread");

  if (list === null) {
    list = el("ol", { class: "thread", "aria-label": "Thread" });
    root.querySelector(":scope > .body").append(list,
      el("button", {
        type: "button", class: "link more", text: "Reply to thread",
        onclick: () => compose.reply(items.get(root.dataset.id)),
      }));
  }
  return list;
}

// Messages of one author close together share a head.
function joins(m, before) {
  const old = before && items.get(before.dataset.id);

  return old !== undefined && old !== null &&
    old.personId === m.personId && !before.querySelector(".thread") &&
    new Date(m.created) - new Date(old.created) < TOGETHER;
}

function append(m) {
  const node = drawMessage(m), root = m.parentId && find(m.parentId);

  if (root) {
    threadOf(root).append(node);
    return;
  }
  if (joins(m, $("log").lastElementChild))
    node.classList.add("joined");
  $("log").append(node);
}

// A thread stays where it is when its root is drawn anew.
function replace(old, m) {
  const node = drawMessage(m);
  const body = node.querySelector(":scope > .body");

  node.className = old.className;
  body.append(...old.querySelectorAll(
    ":scope > .body > .thread, :scope > .body > .more"));
  old.replaceWith(node);
}

const atEnd = () => {
  const s = $("scroll");

  return s.scrollHeight - s.scrollTop - s.clientHeight < 80;
};

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
}

// A message that is new, edited or deleted.
export function change(m) {
  const old = find(m.id);
  const stay = old === null && (atEnd() || m.personEmail === state.me.email);

  items.set(m.id, m);
  if (old !== null)
    replace(old, m);
  else if (!m.deleted)
    append(m);
  if (m.parentId && stay)
    find(m.id)?.scrollIntoView({ block: "nearest" });
  else if (stay)
    toEnd();
  $("hint").hidden = true;
}

export function redraw() {
  const list = [...items.values()].sort((a, b) => a.seq - b.seq);

  $("log").replaceChildren();
  for (const m of list)
    append(m);
  drawHead();
  drawHint();
  toEnd();
}

let loads = 0;

export async function load() {
  const mine = ++loads, room = state.room;
  const got = room === null ? { items: [] } :
    await ask(`messages?room=${room.id}&by=any&last=${LAST}`);

  // somebody may have gone on to another room meanwhile
  if (mine !== loads)
    return;
  items = new Map(got.items.map((m) => [m.id, m]));
  redraw();
  document.body.dataset.room = room?.id || "";
}

export const itemOf = (id) => items.get(id);
export function lastOwn() {
  return [...items.values()].filter((m) =>
    m.personEmail === state.me.email && !m.deleted && !m.files).pop();
}
