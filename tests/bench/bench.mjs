// `make bench`: numbers, not verdicts.
//
//	node tests/bench/bench.mjs LOAD WEBEXBOT [PART...]
//
// LOAD is the built tests/bench/load.c, and webex beside it stands in for
// Webex; parts are receive, start, crowd, burst, micro, cards (all).  Contenders take turns within a round, and a ratio is
// the median of the ratios of the rounds: the machine may be busy, and is so
// for all.  BENCH_SECS (2) is the length of one measurement, BENCH_ROUNDS (3)
// how often.  The last run is kept in build/bench/last.json and compared.
import assert from "node:assert/strict";
import { spawn, execFileSync, execFile } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const [load, webexbot, ...picked] = process.argv.slice(2).map((a, i) => i < 2 ? path.resolve(a) : a);
const parts = picked.length > 0 ? picked : ["receive", "start", "crowd", "burst", "micro", "cards"];
const secs = Number(process.env.BENCH_SECS || 2);
const rounds = Number(process.env.BENCH_ROUNDS || 3);
const root = process.cwd();
const work = fs.mkdtempSync(path.join(process.env.BENCH_DIR || os.tmpdir(), "wbbench."));
const modules = path.join(root, "build/deps/bench");
const hasPeer = fs.existsSync(path.join(modules, "node_modules/express"));
const SECRET = "s3cret";
const HOOK = "/webhooks/webex";
const children = new Set();
const result = {};

process.on("exit", () => {
	for (const c of children) c.kill("SIGKILL");
	fs.rmSync(work, { recursive: true, force: true });
});
for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => process.exit(130));

const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const median = (v) => {
	const s = v.filter((x) => x !== undefined && !Number.isNaN(x)).sort((a, b) => a - b);
	return s.length === 0 ? NaN : s[Math.floor(s.length / 2)];
};
const quantile = (v, q) => [...v].sort((a, b) => a - b)[Math.floor(v.length * q)];
const say = (text = "") => process.stdout.write(text + "\n");
const note = (text) => process.stderr.write(`bench: ${text}\n`);

async function freePort() {
	const s = net.createServer();
	await new Promise((r) => s.listen(0, "127.0.0.1", r));
	const { port } = s.address();
	await new Promise((r) => s.close(r));
	return port;
}

function memory(pid, field) { // in MB, with its children
	let kb = 0;
	const kids = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
	for (const p of [pid, ...kids.split(" ").filter((x) => x)])
		kb += Number(/(\d+)/.exec(new RegExp(`${field}:.*`).exec(
			fs.readFileSync(`/proc/${p}/status`, "utf8"))[0])[1]);
	return kb / 1024;
}
function cpu(pid) { // in us, of all its threads
	return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, t) => sum +
		Number(fs.readFileSync(`/proc/${pid}/task/${t}/schedstat`, "utf8").split(" ")[0]) / 1e3, 0);
}

function start(name, cmd, args, opts = {}) {
	const out = fs.openSync(path.join(work, `${name}.log`), "a");
	const child = spawn(cmd, args, { stdio: ["ignore", out, out], cwd: work, ...opts });
	fs.closeSync(out);
	children.add(child);
	child.gone = new Promise((r) => child.on("exit", () => { children.delete(child); r(); }));
	return child;
}
async function stop(child, signal = "SIGTERM") {
	if (child === undefined) return;
	child.kill(signal);
	await child.gone;
}
const log = (name) => {
	try { return fs.readFileSync(path.join(work, `${name}.log`), "utf8"); } catch { return ""; }
};
async function until(what, test) {
	for (let i = 0; i < 3000; i++) {
		if (await test()) return;
		await sleep(10);
	}
	throw new Error(`waited in vain for ${what}`);
}
const accepts = (port) => new Promise((r) => {
	const s = net.connect(port, "127.0.0.1");
	s.on("connect", () => { s.destroy(); r(true); });
	s.on("error", () => r(false));
});
async function aim(url, ...args) {
	const { stdout } = await run(load, ["-k", SECRET, ...args.map(String), url]);
	return JSON.parse(stdout);
}

// -- the contenders --

function certificate() {
	execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
		"-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
		path.join(work, "key.pem"), "-out", path.join(work, "cert.pem")], { stdio: "ignore" });
}

async function nginxStart(name, http, extra = "") {
	const conf = path.join(work, `${name}.conf`);
	fs.writeFileSync(conf, `${process.getuid() === 0 ? "user root;" : ""}
worker_processes 2;
daemon off;
pid ${work}/${name}.pid;
error_log ${work}/${name}.err;
events { worker_connections 8192; }
http {
	access_log off;
	keepalive_requests 1000000000;
	client_body_temp_path ${work}/nginx-body;
	proxy_temp_path ${work}/nginx-proxy;
	fastcgi_temp_path ${work}/nginx-f;
	uwsgi_temp_path ${work}/nginx-u;
	scgi_temp_path ${work}/nginx-s;
	ssl_certificate ${work}/cert.pem;
	ssl_certificate_key ${work}/key.pem;
	ssl_session_tickets off;
${http}
}
${extra}`);
	const bin = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((p) => fs.existsSync(p)) || "nginx";
	return start(name, bin, ["-p", work, "-c", conf]);
}

async function nginxLimit() {
	const port = await freePort(), tls = await freePort();
	const child = await nginxStart("limit", `	server {
		listen 127.0.0.1:${port} backlog=1024;
		listen 127.0.0.1:${tls} ssl backlog=1024;
		location / { return 200; }
	}`);
	await until("nginx", () => accepts(tls));
	return { name: "nginx", child, plain: `http://127.0.0.1:${port}${HOOK}`,
		tls: `https://127.0.0.1:${tls}${HOOK}`, args: [] };
}

let bots = 0;
async function botStart(env = {}) {
	const n = ++bots, name = `bot${n}`;
	const port = await freePort(), tls = await freePort(), admin = await freePort();
	const dir = path.join(work, name);
	fs.mkdirSync(path.join(dir, "cards"), { recursive: true });
	fs.writeFileSync(path.join(dir, "cards/bot.json"),
		'{"commands":[{"word":"ping","help":"answers","reply":{"text":"pong"}}]}');
	const all = {
		PATH: process.env.PATH, WEBEX_ACCESS_TOKEN: "bot-token",
		WEBEX_WEBHOOK_SECRET: SECRET, WEBEX_API_URL: "http://127.0.0.1:9/v1",
		WEBEXBOT_LISTEN: `127.0.0.1:${port},127.0.0.1:${tls}s`,
		WEBEXBOT_ADMIN_LISTEN: `127.0.0.1:${admin}`, WEBEXBOT_TLS_CERT: `${work}/cert.pem`,
		WEBEXBOT_TLS_KEY: `${work}/key.pem`, WEBEXBOT_QUEUE_MAX: "10000000",
		WEBEXBOT_STOP_TIMEOUT: "0ms", WEBEXBOT_PUBLIC_URL: `http://127.0.0.1:${port}`, ...env };
	for (const k of Object.keys(process.env))
		if (k.startsWith("WEBEXBOT_") && !(k in env)) all[k] = process.env[k];
	const started = process.hrtime.bigint();
	const child = start(name, webexbot, ["run"], { cwd: dir, env: all });
	return { name: "webexbot", child, env: all, dir, port, admin, started,
		plain: `http://127.0.0.1:${port}${HOOK}`, tls: `https://127.0.0.1:${tls}${HOOK}`, args: [],
		up: () => until("webexbot", () => log(name).includes("health and metrics on")) };
}
async function botStop(b) {
	await stop(b.child);
	fs.rmSync(b.dir, { recursive: true, force: true });
}

async function webexStart(latency) {
	fs.rmSync(path.join(work, "webex.log"), { force: true });
	const child = start("webex", path.join(path.dirname(load), "webex"), ["--latency", String(latency)]);
	await until("webex", () => log("webex").includes("\n"));
	return { child, url: log("webex").trim() };
}

async function peerStart(webex) {
	const port = await freePort(), tls = await freePort();
	fs.rmSync(path.join(work, "peer.log"), { force: true });
	const started = process.hrtime.bigint();
	const child = start("peer", process.execPath, [path.join(root, "tests/bench/peer/peer.mjs"),
		String(port), String(tls), `${work}/cert.pem`, `${work}/key.pem`], {
		env: { PATH: process.env.PATH, HOME: work, PEER_MODULES: modules, TOKEN: "bot-token",
			SECRET, HYDRA_SERVICE_URL: `${webex.url}/v1` } });
	await until("the peer", () => log("peer").includes("ready") || child.exitCode !== null);
	return { name: "peer", child, started, port, plain: `http://127.0.0.1:${port}${HOOK}`,
		tls: `https://127.0.0.1:${tls}${HOOK}`,
		args: ["-N", Buffer.from(`127.0.0.1:${port} demo-bot@webex.bot`).toString("base64")] };
}

// -- receive --

const modes = [
	["keep-alive", "plain", ["-c", 64]],
	["new connection each", "plain", ["-c", 64, "-n"]],
	["keep-alive, TLS", "tls", ["-c", 64]],
	["new TLS connection each", "tls", ["-c", 32, "-n"]],
	["2000 a second", "plain", ["-c", 64, "-r", 2000]],
];
const fields = ["rate", "p50", "p99", "rss"];

async function measure(c, [, where, args]) {
	const r = await aim(c[where], ...args, "-d", secs, ...c.args);
	const bad = Object.entries(r.status).filter(([s]) => s !== "200").map(([s, n]) => `${n} x ${s}`);
	if (r.errors > 0) bad.push(`${r.errors} errors`);
	if (bad.length > 0) note(`${c.name}: ${bad.join(", ")}`);
	return { rate: r.rate, p50: r.p50 / 1000, p99: r.p99 / 1000, rss: memory(c.child.pid, "VmRSS") };
}

// What nobody can be faster than who answers after the disk.
function disk() {
	const fd = fs.openSync(path.join(work, "disk"), "w"), page = Buffer.alloc(8192), ms = [];
	const pause = new Int32Array(new SharedArrayBuffer(4));
	for (let i = 0; i < 1000; i++) fs.writeSync(fd, page); // its size stays
	fs.fsyncSync(fd);
	for (const end = Date.now() + secs * 1000; Date.now() < end;) {
		const t0 = process.hrtime.bigint();
		fs.writeSync(fd, page, 0, page.length, 8192 * (ms.length % 1000));
		fs.fdatasyncSync(fd);
		ms.push(Number(process.hrtime.bigint() - t0) / 1e6);
		Atomics.wait(pause, 0, 0, 0.5);
	}
	fs.closeSync(fd);
	return ms;
}

async function receive() {
	const rows = {}, disks = [];
	for (let round = 0; round < rounds; round++) {
		note(`receive, round ${round + 1} of ${rounds}`);
		for (const mode of modes) {
			// all three anew, so that no one carries what another round left
			const webex = hasPeer ? await webexStart(0) : undefined;
			const all = [await nginxLimit(), await botStart()];
			await all[1].up();
			if (hasPeer) all.push(await peerStart(webex));
			for (const c of all) {
				await sleep(100);
				const idle = memory(c.child.pid, "VmRSS");
				((rows[mode[0]] ??= {})[c.name] ??= []).push({ idle, ...await measure(c, mode) });
			}
			await stop(all[0].child);
			await botStop(all[1]);
			if (mode[0] === "2000 a second") disks.push(disk());
			if (hasPeer) { await stop(all[2].child, "SIGKILL"); await stop(webex.child, "SIGKILL"); }
		}
	}
	result.receive = {};
	say("received, answered 200 after the disk (webexbot), ms, MB");
	say("                                rate/s    p50     p99   idle   load   of nginx  of peer");
	for (const [mode, by] of Object.entries(rows)) {
		for (const [name, v] of Object.entries(by)) {
			const m = (f) => median(v.map((x) => x[f]));
			const ratio = (other) => by[other] === undefined ? NaN
				: median(v.map((x, i) => x.rate / by[other][i].rate));
			const row = { rate: m("rate"), p50: m("p50"), p99: m("p99"), idle: m("idle"), rss: m("rss"),
				nginx: ratio("nginx"), peer: ratio("peer") };
			result.receive[`${mode} ${name}`] = row;
			say(`${mode.padEnd(24)}${name.padEnd(9)}${row.rate.toFixed(0).padStart(6)}` +
				`${row.p50.toFixed(2).padStart(8)}${row.p99.toFixed(2).padStart(8)}` +
				`${row.idle.toFixed(0).padStart(6)}${row.rss.toFixed(0).padStart(7)}` +
				`${row.nginx.toFixed(3).padStart(10)}${Number.isNaN(row.peer) ? "" : row.peer.toFixed(1).padStart(9)}`);
		}
		const p99 = median(by.webexbot.map((x, i) => x.p99 / by.nginx[i].p99));
		if (mode === "2000 a second") {
			result.p99_to_nginx = p99;
			say(`                        p99 of webexbot to nginx ${p99.toFixed(2)}`);
			const alone = [0.5, 0.99].map((q) => median(disks.map((d) => quantile(d, q))));
			result.disk = { p50: alone[0], p99: alone[1] };
			say(`                        the disk alone (8 KB, fdatasync): p50 ${alone[0].toFixed(2)}, ` +
				`p99 ${alone[1].toFixed(2)}`);
		}
	}
}

// -- start --

let serial = 0;
function notice() {
	const body = JSON.stringify({ id: "W", name: "n", resource: "messages", event: "created",
		actorId: "P", data: { id: `start-${process.pid}-${++serial}`, roomId: "R", personId: "P",
			personEmail: "anna@example.com" } });
	const sig = crypto.createHmac("sha1", SECRET).update(body).digest("hex");
	return `POST ${HOOK} HTTP/1.1\r\nHost: x\r\nX-Spark-Signature: ${sig}\r\n` +
		`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
const ask = (port) => new Promise((r) => {
	const s = net.connect(port, "127.0.0.1", () => s.write(notice()));
	s.on("data", (d) => { s.destroy(); r(d.toString().startsWith("HTTP/1.1 200")); });
	s.on("error", () => r(false));
});
async function firstWebhook(c) {
	for (;;) {
		if (await ask(c.port)) return Number(process.hrtime.bigint() - c.started) / 1e6;
		await sleep(0.5);
	}
}
async function startup() {
	const ms = [], idle = [];
	for (let i = 0; i < 3 * rounds; i++) {
		const b = await botStart();
		ms.push(await firstWebhook(b));
		await sleep(300);
		idle.push(memory(b.child.pid, "VmRSS"));
		await botStop(b);
	}
	result.start = { ms: median(ms), idle: median(idle) };
	say(`\nstart to the first accepted webhook   webexbot ${median(ms).toFixed(1)} ms` +
		` (least ${Math.min(...ms).toFixed(1)}), then idle at ${median(idle).toFixed(1)} MB`);
	if (!hasPeer) return;
	const webex = await webexStart(0), p = await peerStart(webex);
	const took = await firstWebhook(p);
	result.start.peer = took;
	say(`                                      peer     ${took.toFixed(1)} ms`);
	await stop(p.child, "SIGKILL");
	await stop(webex.child, "SIGKILL");
}

// -- a crowd of silent and of slow connections --

async function crowd() {
	result.crowd = {};
	say("\n1000 connections that are idle or send a byte a second; others meanwhile, 50 a second");
	for (const way of ["directly", "behind nginx"]) {
		const sock = path.join(work, "web.sock"), front = await freePort();
		const b = await botStart(way === "directly" ? {}
			: { WEBEXBOT_LISTEN: `unix:${sock}`, WEBEXBOT_TRUSTED_PROXIES: "unix" });
		let proxy;
		await b.up();
		if (way !== "directly") {
			const site = fs.readFileSync(path.join(root, "scripts/nginx.conf"), "utf8")
				.replaceAll("/run/webexbot/webexbot.sock", sock)
				.replace(/ssl_certificate .*;/, "").replace(/ssl_certificate_key .*;/, "")
				.replace("listen 443 ssl", `listen 127.0.0.1:${front} ssl backlog=1024`)
				.replace(/listen \[::\]:443 ssl;/, "");
			proxy = await nginxStart("front", site);
			await until("nginx", () => accepts(front));
		}
		const url = proxy === undefined ? b.plain : `https://127.0.0.1:${front}${HOOK}`;
		for (const held of [["-i", 1000], ["-s", 1000]]) {
			const r = await aim(url, ...held, "-c", 10, "-r", 50, "-w", 0, "-d", Math.max(5, 2 * secs), "-n");
			const peak = memory(b.child.pid, "VmHWM");
			const what = `${held[0] === "-i" ? "idle" : "slow"}, ${way}`;
			const slowest = Math.max(r.max, r.oldest) / 1e6;
			result.crowd[what] = { slowest, ok: r.ok, errors: r.errors, open: r.open, peak };
			say(`${what.padEnd(28)}slowest ${slowest.toFixed(3)} s, ${r.ok} accepted, ` +
				`${r.errors} errors, ${r.open} open, ${r.reopened} closed, peak ${peak.toFixed(1)} MB`);
		}
		await botStop(b);
		await stop(proxy, "SIGKILL");
	}
}

// -- a burst --

async function api(webex, what, body) {
	const r = await fetch(`${webex.url}/${what}`, body === undefined ? {} : {
		method: "POST", body: JSON.stringify(body) });
	return r.json();
}

// until all are answered, or none has been for 10 s
async function burst(webex, rooms, messages) {
	const n = rooms * messages;
	await api(webex, "burst", { rooms, messages, text: "ping" });
	for (let last = -1, r = { count: 0 }; r.count < n && r.count > last;) {
		last = r.count;
		r = await api(webex, `wait?count=${n}&ms=10000`);
	}
}

const bursts = [
	["0 ms a call", 0, 1000, 1, false],
	["100 ms", 100, 1000, 1, false],
	["100 ms, cold HTTP/2", 100, 1000, 1, true],
	["100 ms, 200 rooms", 100, 200, 5, false],
	["100 ms, 200 rooms, HTTP/2", 100, 200, 5, true],
];

async function burstOnce(who, [, latency, rooms, messages, h2]) {
	const webex = await webexStart(latency);
	let c, proxy, peak;
	if (who === "peer") {
		c = await peerStart(webex);
		await until("its webhooks", async () => (await (await fetch(`${webex.url}/v1/webhooks`,
			{ headers: { authorization: "Bearer bot-token" } })).json()).items.length > 0);
	} else {
		const env = { WEBEX_API_URL: `${webex.url}/v1` };
		if (h2) {
			const port = await freePort();
			proxy = await nginxStart("h2", `	upstream webex { server ${webex.url.slice(7)}; keepalive 1200; }
	server {
		listen 127.0.0.1:${port} ssl http2;
		keepalive_requests 1000; # as it is where nobody sets it
		location / { proxy_pass http://webex; proxy_http_version 1.1; proxy_set_header Connection ""; }
	}`);
			await until("nginx", () => accepts(port));
			env.WEBEX_API_URL = `https://127.0.0.1:${port}/v1`;
			env.WEBEXBOT_CA_FILE = `${work}/cert.pem`;
		}
		c = await botStart(env);
		await c.up();
		await run(webexbot, ["webhooks", "apply"], { cwd: c.dir, env: c.env });
		await until("readiness", async () => (await (await fetch(
			`http://127.0.0.1:${c.admin}/metrics`)).text()).includes('rest_calls_total{result="ok"} 1'));
		await sleep(latency + 50);
	}
	const pids = [c.child.pid, webex.child.pid], before = pids.map(cpu);
	await burst(webex, rooms, messages);
	await sleep(latency + 300); // what is answered twice, is so late
	const r = await api(webex, "wait");
	const [us, webexUs] = pids.map((p, i) => (cpu(p) - before[i]) / r.count);
	const uncertain = who === "peer" ? 0 : Number(/replies_total\{result="uncertain"\} (\d+)/.exec(
		await (await fetch(`http://127.0.0.1:${c.admin}/metrics`)).text())[1]);
	try { peak = memory(c.child.pid, "VmHWM"); } catch { peak = NaN; }
	if (who === "peer") await stop(c.child, "SIGKILL");
	else await botStop(c);
	await stop(proxy, "SIGKILL");
	await stop(webex.child, "SIGKILL");
	if (r.refused + r.failed > 0) note(`${who}: ${JSON.stringify(r)}`);
	return { s: r.us / 1e6, got: r.count, doubled: r.doubled, uncertain, peak, us, webexUs };
}

async function burstAll() {
	result.burst = {};
	say("\n1000 events at once, from the burst to the last answer; tests/bench/webex.c stands in for Webex");
	for (const b of bursts) {
		const by = { webexbot: [], peer: [] };
		for (let round = 0; round < rounds; round++) {
			note(`burst ${b[0]}, round ${round + 1}`);
			by.webexbot.push(await burstOnce("webexbot", b));
			if (hasPeer && !b[4] && round < 1) by.peer.push(await burstOnce("peer", b));
		}
		for (const [name, v] of Object.entries(by)) {
			if (v.length === 0) continue;
			const m = (f) => median(v.map((x) => x[f]));
			const s = m("s"), got = m("got"), doubled = Math.max(...v.map((x) => x.doubled));
			const uncertain = Math.max(...v.map((x) => x.uncertain));
			result.burst[`${b[0]} ${name}`] = { s, got, doubled, peak: m("peak"), us: m("us") };
			say(`${b[0].padEnd(28)}${name.padEnd(10)}${s.toFixed(3)} s (${v.map((x) => x.s.toFixed(3)).join(" ")})` +
				`  ${(got / s).toFixed(0).padStart(5)}/s  ${got} answers` +
				(doubled > 0 ? `, ${doubled} twice` : "") +
				(uncertain > 0 ? `, ${uncertain} looked up` : "") + `  peak ${m("peak").toFixed(1)} MB` +
				`  CPU ${m("us").toFixed(0)} us each, Webex ${m("webexUs").toFixed(0)}`);
		}
	}
}

async function micro() {
	const all = [];
	for (let i = 0; i < rounds; i++) all.push(JSON.parse((await run(load, ["-m"])).stdout));
	const m = (f) => median(all.map((x) => x[f]));
	result.micro = { verify: m("verify"), json_check: m("json_check"), event_read: m("event_read") };
	say(`\na notification of ${all[0].bytes} bytes: signature ${m("verify").toFixed(2)} us, ` +
		`JSON check ${m("json_check").toFixed(2)} us, its fields ${m("event_read").toFixed(2)} us`);
}

// -- cards, beside the reference of the language --

const sample = (rows) => JSON.stringify({
	customer: { name: "Anna Adams", id: "c-17" }, currency: "EUR", when: "2024-02-29T18:30:00.000Z",
	rows: Array.from({ length: rows }, (_, i) => ({ name: `Article no. ${i} of the catalogue`,
		quantity: i % 9, price: 1.25 * (i % 40), ...i % 4 === 0 ? { remark: "late & \"urgent\"" } : {} })),
});
const table = "tests/bench/cards/table.card.json";
const pictures = [
	["a form", "cards/feedback.card.json", () => fs.readFileSync("cards/feedback.sample.json")],
	["40 rows", table, () => sample(40)],
	["1000 rows", table, () => sample(1000)],
];

async function card(what, command, args) { // microseconds, and the card
	const { stdout } = await run(command, args, { maxBuffer: 1 << 26, env: { ...process.env, TZ: "UTC" } });
	const at = stdout.trimEnd().lastIndexOf("\n");
	return { card: JSON.parse(stdout.slice(0, at)), us: Number(stdout.slice(at)) };
}
async function cards() {
	const modules = path.join(root, "build/deps/reference");
	const hasReference = fs.existsSync(path.join(modules, "node_modules"));
	if (!hasReference) note("the reference is not installed: without it");
	say("\nrendering a card, from the text of the data to the text of the card, in us");
	result.cards = {};
	for (const [what, template, data] of pictures) {
		const file = path.join(work, "card-data.json"), ours = [], theirs = [];
		fs.writeFileSync(file, data());
		for (let i = 0; i < rounds; i++) {
			ours.push(await card(what, path.join(path.dirname(load), "cards"), [template, file, secs * 500]));
			if (!hasReference) continue;
			theirs.push(await card(what, "node", ["tests/bench/cards.js", modules, template, file, secs * 500]));
			assert.deepEqual(ours[i].card, theirs[i].card);
		}
		const us = median(ours.map((x) => x.us)), ref = median(theirs.map((x) => x.us));
		const ratio = median(ours.map((x, i) => theirs[i]?.us / x.us));
		result.cards[what] = { webexbot: us, reference: ref, ratio };
		say(`  ${what.padEnd(10)} webexbot ${us.toFixed(1).padStart(9)}` +
			(hasReference ? `   reference ${ref.toFixed(1).padStart(10)}   ${ratio.toFixed(1)} times` : ""));
	}
}

// -- the last run --

function flat(o, at = "", out = {}) {
	for (const [k, v] of Object.entries(o))
		if (typeof v === "object" && v !== null) flat(v, `${at}${k} / `, out);
		else if (typeof v === "number") out[at + k] = v;
	return out;
}
function compare() {
	const file = path.join(root, "build/bench/last.json");
	let last = {};
	try { last = JSON.parse(fs.readFileSync(file, "utf8")); } catch { /* the first run */ }
	const before = flat(last), now = flat(result);
	const rows = Object.keys(now).filter((k) => /webexbot|start|crowd|micro|p99_to/.test(k) &&
		before[k] > 0 && (now[k] / before[k] > 1.25 || now[k] / before[k] < 0.8));
	if (rows.length > 0) say("\nby more than a quarter other than the last run");
	for (const k of rows) say(`  ${k}: ${before[k].toPrecision(3)} -> ${now[k].toPrecision(3)}`);
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, JSON.stringify({ ...last, ...result }, null, 1));
}

certificate();
if (!hasPeer) note("the peer is not installed: without it");
say(`${os.cpus().length} cores, ${os.cpus()[0].model.trim()}, load ${os.loadavg()[0].toFixed(1)}`);
const todo = { receive, start: startup, crowd, burst: burstAll, micro, cards };
for (const p of parts) {
	if (todo[p] === undefined) throw new Error(`no part ${p}: ${Object.keys(todo).join(" ")}`);
	await todo[p]();
}
compare();
process.exit(0);
