// Adaptive cards: drawn by the package adaptivecards with the look of
// Webex, submitted through the REST API.
import { rest, complain } from "./app.js";
import { renderCard } from "./hosts.js";
import { el } from "./text.js";

async function submit(m, action, note) {
  note.textContent = "Sending…";
  const done = await rest("POST", "attachment/actions", {
    type: "submit", messageId: m.id, inputs: action.data || {},
  });

  note.textContent = done === undefined ? "Not sent." : "Sent.";
}

function execute(m, action, note) {
  if (action instanceof AdaptiveCards.SubmitAction)
    submit(m, action, note);
  else if (action instanceof AdaptiveCards.OpenUrlAction &&
      /^https?:\/\//i.test(action.url || ""))
    window.open(action.url, "_blank", "noopener,noreferrer");
  else
    complain("This button does nothing in Webex.");
}

// A message's card; what cannot be drawn says so in its place.
export function drawCard(m) {
  const box = el("div", { class: "card" });
  const note = el("div", { class: "cardnote", role: "status" });

  try {
    box.append(renderCard(m.attachments[0].content,
      (action) => execute(m, action, note)), note);
  } catch (e) {
    box.replaceChildren(el("p", { class: "gone",
      text: `This card cannot be drawn: ${e.message}` }));
  }
  return box;
}
