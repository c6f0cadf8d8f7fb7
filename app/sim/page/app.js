// The page: who one is, what the simulator holds, what it says live.  Talks
// REST (/v1) as the person one is, and /sim for the rest.
import { el, icon, avatar } from "./text.js";
import { serial } from "./serial.js";
import { saved, startTheme } from "./theme.js";
import * as chat from "./chat.js";
import * as compose from "./compose.js";
import * as traffic from "./traffic.js";
import { loadHosts } from "./hosts.js";

export const $ = (id) => document.getElementById(id);

// What all parts of the page share.
export const state = {
  people: [],      // who one can be
  bot: null,
  everybody: [],
  rooms: [],
  webhooks: [],
  api: "",
  me: null,        // a person
  room: null,      // a room
  unread: new Map(), // "email room" to how many
};

// -- errors --

export function complain(text) {
  const note = el("div", { class: "error" },
    el("span", { text }),
    el("button", {
      type: "button", class: "tool", "aria-label": "Dismiss",
      onclick: () => note.remove(),
    }, icon("close", 16)));

  $("errors").append(note);
  while ($("errors").children.length > 3)
    $("errors").firstChild.remove();
}

// A REST call as the person one is; undefined when it failed, and the
// person has been told.
export async function rest(method, path, body) {
  const form = body instanceof FormData;
  const headers = { Authorization: `Bearer ${state.me.token}` };
  let res, answer;

  if (body !== undefined && !form)
    headers["Content-Type"] = "application/json";
  try {
    res = await fetch(`/v1/${path}`, {
      method, headers,
      body: form || body === undefined ? body : JSON.stringify(body),
    });
    answer = res.status === 204 ? {} : await res.json().catch(() => ({}));
  } catch {
    complain(`${method} /${path}: no answer from the simulator.`);
    return undefined;
  }
  if (res.ok)
    return answer;
  complain(`${res.status}: ${answer.message || "the call failed."}` +
    (answer.trackingId ? ` (${answer.trackingId})` : ""));
  return undefined;
}

export async function ask(path) {
  const res = await fetch(`/sim/${path}`);

  if (!res.ok)
    throw new Error((await res.json().catch(() => ({}))).message || path);
  return res.json();
}

// -- state --

const personOf = (email) => state.everybody.find((p) => p.email === email);

export const nameOf = (email) => personOf(email)?.displayName || email;

export function roomsOf(person) {
  return state.rooms.filter((r) => r.members.includes(person.email));
}

export function titleOf(room, me = state.me) {
  return room.title ||
    nameOf(room.members.find((m) => m !== me.email) || me.email);
}

export async function loadState() {
  const s = await ask("state");

  state.everybody = s.people;
  state.people = s.people.filter((p) => p.type === "person").slice(0, 6);
  state.bot = s.people.find((p) => p.type === "bot");
  state.rooms = s.rooms;
  state.webhooks = s.webhooks;
  state.api = s.api;
  state.tries = s.tries.split(",");
  $("gallery").hidden = !s.gallery;
  state.me = state.people.find((p) => p.email === state.me?.email) ||
    state.people.find((p) => p.email === saved("person")) ||
    state.people[0];
  if (!roomsOf(state.me).some((r) => r.id === state.room?.id))
    state.room = roomsOf(state.me)[0] || null;
  else
    state.room = state.rooms.find((r) => r.id === state.room.id);
}

// -- people and rooms on the left --

const unreadKey = (person, room) => `${person.email} ${room}`;

export function unread(person, room) {
  return state.unread.get(unreadKey(person, room.id)) || 0;
}

function drawPeople() {
  $("people").replaceChildren(...state.people.map((p) => {
    const waiting = p !== state.me &&
      roomsOf(p).some((r) => unread(p, r) > 0);

    return el("label", { class: "person" },
      el("input", {
        type: "radio", name: "person", value: p.email,
        checked: p === state.me, onchange: () => become(p),
      }),
      avatar(p.displayName), el("span", { text: p.nickName }),
      waiting && el("span", { class: "dot", title: "Unread messages" }) ||
        null);
  }));
}

function drawRooms() {
  $("rooms").replaceChildren(...roomsOf(state.me).map((r) => {
    const n = unread(state.me, r), here = r === state.room;
    const title = titleOf(r);

    return el("li", {}, el("button", {
      type: "button", class: "room", "data-room": r.id,
      "aria-current": here ? "true" : null,
      onclick: () => enter(r),
    }, avatar(title, r.type === "direct", r.type === "group"),
    el("span", { class: "roomtext" },
      el("span", { class: "roomtitle", text: title }),
      el("span", {
        class: "roomsub",
        text: r.type === "direct" ? "Direct" :
          `${r.members.length} people`,
      })),
    n > 0 ? el("span", {
      class: "unread", text: n > 99 ? "99+" : String(n),
      "aria-label": `${n} unread`,
    }) : null));
  }));
}

export function drawSide() {
  drawPeople();
  drawRooms();
  $("asme").textContent = `as ${state.me.nickName}`;
  $("settings").textContent = `export WEBEX_API_URL=${state.api}\n` +
    `export WEBEX_ACCESS_TOKEN=${state.bot.token}\n` +
    "export WEBEXBOT_PUBLIC_URL=http://127.0.0.1:8080\n" +
    "webexbot webhooks apply && webexbot run";
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...$("rooms").querySelectorAll("button")];
  const next = all[all.indexOf(document.activeElement) + step];

  if (step !== undefined && next !== undefined) {
    next.focus();
    event.preventDefault();
  }
}

async function become(person) {
  const old = state.room;

  state.me = person;
  saved("person", person.email);
  // the same room when one is in it, else the matching direct room
  state.room = roomsOf(person).find((r) => r === old) ||
    roomsOf(person).find((r) => r.type === old?.type) ||
    roomsOf(person)[0] || null;
  await show();
  $("people").querySelector("input:checked")?.focus();
}

export async function enter(room) {
  state.room = room;
  showTab("chat");
  await show();
  if (!matchMedia("(pointer: coarse)").matches)
    $("say").focus();
}

async function show() {
  if (state.room !== null)
    state.unread.delete(unreadKey(state.me, state.room.id));
  drawSide();
  compose.reset();
  await chat.load();
}

async function addSpace(event) {
  const title = $("newtitle").value.trim();
  let room;

  event.preventDefault();
  if (title === "" ||
      (room = await rest("POST", "rooms", { title })) === undefined)
    return;
  await rest("POST", "memberships", {
    roomId: room.id, personId: state.bot.id,
  });
  $("newtitle").value = "";
  toggleNew(false);
  await loadState();
  await enter(state.rooms.find((r) => r.id === room.id) || state.room);
}

function toggleNew(open) {
  $("newform").hidden = !open;
  $("newspace").setAttribute("aria-expanded", String(open));
  if (open)
    $("newtitle").focus();
}

// -- views --

export function showTab(name) {
  document.body.dataset.tab = name;
  for (const b of document.querySelectorAll(".tabs button")) {
    if (b.dataset.tab === name)
      b.setAttribute("aria-current", "true");
    else
      b.removeAttribute("aria-current");
  }
  if (name === "traffic")
    traffic.seen();
}

function togglePanel(open) {
  document.body.classList.toggle("nopanel", !open);
  $("panel").setAttribute("aria-expanded", String(open));
  saved("panel", open ? "open" : "closed");
}

// -- live --

function onMessage(data) {
  const m = data.message;
  const room = state.rooms.find((r) => r.id === m.roomId);

  if (room === undefined)
    return;
  if (room === state.room)
    chat.change(m);
  if (data.event !== "created")
    return;
  for (const p of state.people) {
    if (p.email === m.personEmail || !room.members.includes(p.email) ||
        (p === state.me && room === state.room))
      continue;
    const key = unreadKey(p, room.id);

    state.unread.set(key, (state.unread.get(key) || 0) + 1);
  }
  drawSide();
}

let reloading = null, whole = false;

const reloadNow = serial(async () => {
  const old = state.room?.id, me = state.me, all = whole;

  whole = false;
  await loadState();
  drawSide();
  chat.drawHead();
  if (all || state.room?.id !== old || state.me.email !== me.email)
    await show();
});

// Many changes at once are one reload.
function reload(all) {
  whole ||= all;
  reloading ??= setTimeout(() => {
    reloading = null;
    reloadNow();
  }, 50);
}

function listen() {
  const events = new EventSource("/sim/events");
  const on = (name, fn) => events.addEventListener(name, (e) =>
    fn(JSON.parse(e.data)));
  let again = false;

  on("hello", () => {
    document.body.classList.remove("lost");
    // after a lost connection all may be different
    if (again)
      reload(true);
    again = true;
  });
  on("traffic", traffic.add);
  on("message", onMessage);
  on("rooms", () => reload(false));
  on("webhooks", () => reload(false));
  on("reset", () => {
    state.unread.clear();
    reload(true);
  });
  events.addEventListener("error", () =>
    document.body.classList.add("lost"));
}

async function start() {
  startTheme($("theme"), chat.redraw);
  $("newspace").append(icon("plus"));
  $("panel").addEventListener("click", () =>
    togglePanel(document.body.classList.contains("nopanel")));
  togglePanel(saved("panel") !== "closed");
  for (const b of document.querySelectorAll(".tabs button"))
    b.addEventListener("click", () => showTab(b.dataset.tab));
  $("rooms").addEventListener("keydown", arrows);
  $("newspace").addEventListener("click", () => toggleNew($("newform").hidden));
  $("newform").addEventListener("submit", addSpace);
  $("newform").addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      toggleNew(false);
      $("newspace").focus();
    }
  });
  compose.start();
  traffic.start();
  await Promise.all([loadHosts(), loadState()]);
  listen();
  await traffic.load();
  await show();
  document.body.dataset.ready = "true";
}

start().catch((e) => complain(`The page could not start: ${e.message}`));
