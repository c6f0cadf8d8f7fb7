// Adaptive cards: drawn by the package adaptivecards with the look of
// Webex, submitted through the REST API.
import { rest, complain } from "./app.js";
import { el, cardMarkdown } from "./text.js";

let hosts;

const names = ["default", "emphasis", "good", "accent", "warning",
  "attention"];

// The host config of a theme: the common part and its colours.
function hostConfig(theme) {
  const { line, background, text } = hosts[theme];
  const colours = Object.fromEntries(Object.entries(text).map(
    ([name, [normal, subtle]]) => [name, { default: normal, subtle }]));
  const styles = names.map((name) => [name, {
    backgroundColor: background[name], foregroundColors: colours,
  }]);

  return new AdaptiveCards.HostConfig({
    ...hosts.common,
    separator: { ...hosts.common.separator, lineColor: line },
    containerStyles: Object.fromEntries(styles),
  });
}

export async function loadHosts() {
  hosts = await (await fetch("/page/hostconfig.json")).json();
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = cardMarkdown(text);
    result.didProcess = true;
  };
}

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
  const card = new AdaptiveCards.AdaptiveCard();

  try {
    card.hostConfig = hostConfig(document.documentElement.dataset.theme);
    card.onExecuteAction = (action) => execute(m, action, note);
    card.parse(m.attachments[0].content,
      new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_3));
    box.append(card.render(), note);
  } catch (e) {
    box.replaceChildren(el("p", { class: "gone",
      text: `This card cannot be drawn: ${e.message}` }));
  }
  return box;
}
