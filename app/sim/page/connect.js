"use strict";
// The phone: sends notifications, shows what came of them.
const byId = (id) => document.getElementById(id);

async function show() {
	const log = await (await fetch("/connect/log")).json();
	byId("log").replaceChildren(...log.slice(-50).reverse().map((entry) => {
		const row = document.createElement("tr");
		for (const text of [entry.at.slice(11, 19), entry.what, entry.name,
			entry.status || "", entry.text]) {
			const cell = document.createElement("td");
			cell.textContent = text;
			row.append(cell);
		}
		return row;
	}));
}

byId("phone").addEventListener("submit", async (ev) => {
	ev.preventDefault();
	const answer = await fetch("/connect/send", { method: "POST", body: JSON.stringify({
		channel: byId("channel").value, from: byId("from").value, text: byId("text").value }) });
	const status = answer.ok ? (await answer.json()).status : answer.status;
	byId("said").textContent = status === 200 ? "The bot has it."
		: status === -1 ? "No target yet: POST /connect/target says where the bot is."
		: "The bot answered " + status + ".";
	byId("text").value = "";
	show();
});
setInterval(show, 2000);
show();
