// cards.js MODULES TEMPLATE DATA MS: what cards.c does, with the package
// adaptivecards-templating, after half a second to warm up.
"use strict";
const fs = require("fs");
const { createRequire } = require("module");

const [modules, file, dataFile, ms] = process.argv.slice(2);
const { Template } = createRequire(`${fs.realpathSync(modules)}/x.js`)("adaptivecards-templating");
const template = new Template(JSON.parse(fs.readFileSync(file, "utf8")));
const data = fs.readFileSync(dataFile, "utf8");
const render = () => JSON.stringify(template.expand({ $root: JSON.parse(data) }));

function measure(ms) { // microseconds of one
	const start = process.hrtime.bigint(), end = start + BigInt(ms) * 1000000n;
	let n = 0, now;
	do {
		render();
		n++;
		now = process.hrtime.bigint();
	} while (now < end);
	return Number(now - start) / 1000 / n;
}
console.log(render());
measure(500);
console.log(measure(Number(ms)).toFixed(3));
