// The phone: sends notifications, shows what came of them.
import { clockFine, el } from "./text.js";
import { startTheme } from "./theme.js";

const $ = (id) => document.getElementById(id);
const opened = new Set(); // entries whose body is shown
let drawn = "";

// -- what happened --

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// In words: [badge, its colour, note, text].
function told(entry) {
  const body = parsed(entry.text);
  const info = body?.deliveryInfoNotification?.deliveryInfo;
  const well = entry.status === 200 || entry.status === 1002;
  const colour = well ? "is-good" : "is-bad";
  const answer = entry.status === 200 ? "the bot has it"
    : entry.status === 0 ? "no answer" : `the bot answered ${entry.status}`;

  if (entry.what === "sms")
    return ["SMS", "", `from the bot to ${entry.name}`, entry.text];
  if (entry.what === "sent" && info !== undefined)
    return ["Receipt", colour, `${info.deliveryStatus}: ${answer}`, ""];
  if (entry.what === "sent")
    return ["Sent", colour, answer, body?.message ?? body?.textMessage ?? ""];
  return [entry.what === "event" ? "Event" : "Inbound webhook", colour,
    `${entry.name}: code ${entry.status}`, ""];
}

function row(entry) {
  const [badge, colour, note, words] = told(entry);
  const key = entry.at + entry.what + entry.text;
  const body = entry.what === "sms" ? null : parsed(entry.text);

  return el("li", { "data-what": entry.what },
    el("span", { class: `kind ${colour}`, text: badge }),
    el("span", { class: "note", text: note }),
    el("time", { datetime: entry.at,
      text: clockFine(entry.at) }),
    words === "" ? null : el("p", { class: "words", text: words }),
    body === null ? null : el("details", {
      open: opened.has(key),
      ontoggle: (ev) => ev.target.open ? opened.add(key)
        : opened.delete(key),
    }, el("summary", { text: "Body" }),
    el("pre", { text: JSON.stringify(body, null, 2) })));
}

async function show() {
  let log;

  try {
    log = await (await fetch("/connect/log")).json();
    // what was answered later may have been sent earlier
    log.sort((a, b) => a.at < b.at ? -1 : a.at > b.at);
  } catch {
    tell("No connection to the simulator; trying again.", true);
    return;
  }
  const now = JSON.stringify(log);

  if (now === drawn)
    return;
  drawn = now;
  $("nothing").hidden = log.length > 0;
  $("log").replaceChildren(...log.slice(-50).reverse().map(row));
}

// -- sending --

function tell(text, bad) {
  $("said").textContent = text;
  $("said").classList.toggle("is-bad", bad);
}

async function send(ev) {
  ev.preventDefault();
  if ($("text").value.trim() === "")
    return;
  const answer = await fetch("/connect/send", { method: "POST",
    body: JSON.stringify({ channel: $("channel").value,
      from: $("from").value, text: $("text").value }) });
  const status = answer.ok ? (await answer.json()).status : answer.status;

  tell(status === 200 ? "The bot has it."
    : status === -1 ? "It could not be sent: POST /connect/target says " +
      "where the bot is, and how."
    : status === 0 ? "The bot does not answer."
    : `The bot answered ${status}.`, status !== 200);
  $("text").value = "";
  $("text").focus();
  await show();
}

async function target() {
  const t = await (await fetch("/connect/target")).json();

  $("target").textContent = t.url === undefined
    ? "Not connected to a bot: POST /connect/target says where it is."
    : `Notifications go to ${t.url}` + (t.auth && t.auth !== "none"
      ? `, with ${t.auth}` : "");
}

startTheme($("theme"));
$("phone").addEventListener("submit", send);
await Promise.all([show(), target()]);
setInterval(show, 1000);
document.body.dataset.ready = "";
