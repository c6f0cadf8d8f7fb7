// How Webex draws cards: the host configuration of its light and its dark
// theme, and the markdown that it knows in them.
import { cardMarkdown } from "./text.js";

let hosts;

const names = ["default", "emphasis", "good", "accent", "warning",
  "attention"];

// The host config of a theme: the common part and its colours.
export function hostConfig(theme) {
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

// A card as an element; `execute` is told of buttons.  Throws what the
// renderer throws.
export function renderCard(content, execute) {
  const card = new AdaptiveCards.AdaptiveCard();

  card.hostConfig = hostConfig(document.documentElement.dataset.theme);
  card.onExecuteAction = execute;
  card.parse(content,
    new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_3));
  return card.render();
}
