// Small tools of the page: elements, icons, markdown, times.  Texts of
// messages reach the document as text nodes, or through markdown-it with
// HTML switched off; nothing else builds HTML from what people wrote.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);

  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false)
      continue;
    if (name === "text")
      node.textContent = value;
    else if (name.startsWith("on"))
      node.addEventListener(name.slice(2), value);
    else
      node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

const paths = {
  send: "M4 12 20 4l-5 16-3.500-6.500L4 12Zm7.500 1.500L20 4",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Zm0-4v5.500a2.500 2.500 0 0 0 5 0V12a9 9 0 1 0-3.600 7.200",
  clip: "m20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700l-8.500 8.400a1.700 1.700 0 0 1-2.400-2.300L14.500 7",
  plus: "M12 5v14M5 12h14",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z",
  sun: "M12 4V2m0 20v-2M4 12H2m20 0h-2M6.300 6.300 4.900 4.900m14.200 14.200-1.400-1.400m0-11.400 1.400-1.400M4.900 19.100l1.400-1.400M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z",
  reply: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  edit: "m5 19 1-4L16.500 4.500a2.100 2.100 0 0 1 3 3L9 18l-4 1Z",
  bin: "M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13",
  file: "M7 3h7l5 5v13H7V3Zm7 0v5h5",
  close: "M6 6l12 12M18 6 6 18",
};

export function icon(name, size = 20) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const path = document.createElementNS(ns, "path");

  for (const [k, v] of Object.entries({
    viewBox: "0 0 24 24", width: size, height: size, fill: "none",
    stroke: "currentColor", "stroke-width": "1.7",
    "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true",
  }))
    svg.setAttribute(k, v);
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

// Initials on a colour that belongs to the name.
export function avatar(name, bot, square) {
  const hues = ["blue", "green", "purple", "orange", "teal", "pink"];
  let sum = 0;

  for (const c of name)
    sum = (sum * 31 + c.codePointAt(0)) % 997;
  const words = name.match(/[\p{L}\p{N}]+/gu) || ["?"];
  const letters = words.length > 1
    ? words[0][0] + words[words.length - 1][0] : words[0].slice(0, 2);
  return el("span", {
    class: `avatar ${bot ? "bot" : hues[sum % hues.length]}` +
      (square ? " square" : ""),
    "aria-hidden": "true", text: letters.toUpperCase(),
  });
}

// -- markdown --

// <@personEmail:x@y|Name>, <@personId:ID|Name>, <@all>
function mentionRule(state, silent) {
  const src = state.src.slice(state.pos, state.posMax);
  const m = /^<@(all|person(?:Email|Id):[^|>\n]{1,200})(?:\|([^>\n]{0,200}))?>/
    .exec(src);

  if (m === null)
    return false;
  if (!silent) {
    const token = state.push("mention", "span", 0);

    token.content = m[2] || state.env.nameOf?.(m[1]) ||
      (m[1] === "all" ? "All" : m[1].replace(/^\w+:/, ""));
    token.meta = { me: state.env.isMe?.(m[1]) === true };
  }
  state.pos += m[0].length;
  return true;
}

function openLinksElsewhere(md) {
  const draw = (tokens, i, options, env, self) => {
    tokens[i].attrSet("target", "_blank");
    tokens[i].attrSet("rel", "noopener noreferrer nofollow");
    return self.renderToken(tokens, i, options);
  };

  md.renderer.rules.link_open = draw;
  return md;
}

let chatMarks, cardMarks;

function chatMarkdown() {
  if (chatMarks === undefined) {
    chatMarks = openLinksElsewhere(window.markdownit({
      html: false, linkify: false, breaks: true, typographer: false,
    }));
    chatMarks.disable(["image", "html_inline", "html_block", "reference"]);
    chatMarks.inline.ruler.before("text", "mention", mentionRule);
    // the text rule stops at "<" already, so the rule above is asked
    chatMarks.renderer.rules.mention = (tokens, i) =>
      `<span class="mention${tokens[i].meta.me ? " me" : ""}">@` +
      chatMarks.utils.escapeHtml(tokens[i].content) + "</span>";
  }
  return chatMarks;
}

export function renderMarkdown(node, text, env) {
  node.innerHTML = chatMarkdown().render(text, env);
}

// What Webex draws in a card: emphasis, links, lists, breaks, strikethrough.
export function cardMarkdown(text) {
  if (cardMarks === undefined) {
    cardMarks = openLinksElsewhere(window.markdownit({
      html: false, linkify: false, breaks: true,
    }));
    cardMarks.disable(["image", "html_inline", "html_block", "reference",
      "heading", "lheading", "table", "code", "fence", "backticks", "hr",
      "blockquote"]);
  }
  return cardMarks.render(text);
}

// Would this text look different as markdown?
export function looksMarked(text) {
  return /[*_`~\[\]<>\\#]|^\s*([-+>]|\d+[.)])\s/m.test(text);
}

// -- times and sizes --

export function clock(iso) {
  return new Date(iso).toLocaleTimeString([], {
    hour: "2-digit", minute: "2-digit", hour12: false,
  });
}

export function clockFine(iso) {
  return new Date(iso).toLocaleTimeString([], {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  });
}

export function bytes(n) {
  if (n < 1024)
    return `${n} bytes`;
  return n < 1 << 20 ? `${(n / 1024).toFixed(1)} KB`
    : `${(n / (1 << 20)).toFixed(1)} MB`;
}
