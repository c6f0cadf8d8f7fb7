// The peer of make bench: webex-node-bot-framework on Express, as its README
// sets it up, answering "ping" with "pong".
//
//	node peer.mjs PORT TLS-PORT CERT KEY
//
// HYDRA_SERVICE_URL, TOKEN and SECRET come from the environment.
import https from "node:https";
import { createRequire } from "node:module";
const require = createRequire(process.env.PEER_MODULES + "/");
const express = require("express");
const Framework = require("webex-node-bot-framework");
const webhook = require("webex-node-bot-framework/webhook");
const fs = require("node:fs");

const [port, tlsPort, cert, key] = process.argv.slice(2);
const framework = new Framework({
	token: process.env.TOKEN,
	webhookSecret: process.env.SECRET,
	webhookUrl: `http://127.0.0.1:${port}/webhooks/webex`,
	removeWebhooksOnStart: false,
	maxStartupSpaces: 0,
});
framework.hears("ping", (bot) => bot.say("pong"));
framework.on("log", () => {});
framework.start().then(() => {
	const app = express();
	app.use(express.json());
	app.post("/webhooks/webex", webhook(framework));
	app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
	https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, app)
		.listen(Number(tlsPort), "127.0.0.1");
}).catch((e) => {
	console.error(e);
	process.exit(1);
});
