// A stand-in bot for the test of the chat page: registers its webhooks with
// a simulator and answers hello, help, echo TEXT and feedback, as the
// shipped cards do.
import http from "node:http";

const feedback = {
  $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
  type: "AdaptiveCard",
  version: "1.3",
  body: [
    { type: "TextBlock", text: "Your feedback", size: "Large",
      weight: "Bolder" },
    { type: "TextBlock", wrap: true, isSubtle: true, spacing: "None",
      text: "Two minutes, and we read **every** word of it." },
    { type: "Input.Text", id: "comment", label: "What should we know?",
      isMultiline: true, isRequired: true,
      errorMessage: "Please write a sentence",
      placeholder: "It works, but ..." },
    { type: "Input.ChoiceSet", id: "topic", label: "Topic", value: "bot",
      choices: [{ title: "The bot", value: "bot" },
        { title: "The documents", value: "docs" },
        { title: "Something else", value: "else" }] },
    { type: "Input.ChoiceSet", id: "rating", label: "Rating",
      style: "expanded", value: "4",
      choices: ["1", "2", "3", "4", "5"].map((n) => ({
        title: "★".repeat(Number(n)), value: n })) },
    { type: "Input.Toggle", id: "contact", title: "You may contact me",
      value: "false" },
  ],
  actions: [{ type: "Action.Submit", title: "Send", data: {
    card: "feedback" } }],
};

const summary = (inputs) => ({
  type: "AdaptiveCard",
  version: "1.3",
  body: [
    { type: "TextBlock", text: "Thank you", size: "Large",
      weight: "Bolder" },
    { type: "FactSet", facts: ["comment", "topic", "rating", "contact"]
      .map((k) => ({ title: k, value: String(inputs[k] ?? "-") })) },
  ],
});

const card = (content, text) => ({ text, attachments: [{
  contentType: "application/vnd.microsoft.card.adaptive", content }] });

export async function startBot(base) {
  const call = async (method, path, body) => {
    const res = await fetch(`${base}/v1/${path}`, {
      method,
      headers: { Authorization: "Bearer sim-bot-token",
        "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    return res.status === 204 ? {} : res.json();
  };
  const me = await call("GET", "people/me");

  async function answer(event) {
    const { resource, data } = event;

    if (data.personId === me.id)
      return;
    if (resource === "attachmentActions") {
      const action = await call("GET", `attachment/actions/${data.id}`);

      await call("POST", "messages", { roomId: data.roomId,
        ...card(summary(action.inputs), "Thank you") });
      return;
    }
    const m = await call("GET", `messages/${data.id}`);
    const text = (m.text || "").replace(/^Demo( Bot)?\s+/, "");
    const [word] = text.toLowerCase().split(/\s+/);
    const rest = text.slice(word.length).trim();
    const reply = {
      hello: { markdown: `Hello, **${m.personEmail.split("@")[0]}**! ` +
        "Say `help` to see what I can do." },
      help: { markdown: "I know these:\n\n- **hello** says hello\n" +
        "- **echo** TEXT sends it back\n- **feedback** asks you a few " +
        "questions" },
      echo: { markdown: `${rest}\n\n\`\`\`json\n` +
        `${JSON.stringify(event, null, 2)}\n\`\`\`` },
      feedback: card(feedback, "Your feedback (open a client with cards)"),
    }[word] || { text: "I do not know that. Say help." };

    await call("POST", "messages", { roomId: data.roomId, ...reply,
      ...(m.parentId ? { parentId: m.parentId } : {}) });
  }

  const server = http.createServer((req, res) => {
    let text = "";

    req.on("data", (part) => { text += part; });
    req.on("end", () => {
      res.end();
      answer(JSON.parse(text)).catch((e) => console.error("bot:", e));
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const targetUrl = `http://127.0.0.1:${server.address().port}/webhooks/webex`;

  for (const resource of ["messages", "attachmentActions"])
    await call("POST", "webhooks", { name: `stand-in: ${resource} created`,
      resource, event: "created", targetUrl, secret: "stand-in-secret" });
  return () => new Promise((done) => {
    server.closeAllConnections();
    server.close(done);
  });
}
