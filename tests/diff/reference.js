// Answers cases as `webexbot cards evaluate` does, with the npm reference.
// With --decisions what we do otherwise on purpose is put into it:
//   null in a longer text is empty, objects in it are JSON; functions get
//   what is missing as missing, not as the text ${path}; ASCII minus.
'use strict';
const path = require('path');
const { createRequire } = require('module');

function load(dir) {
	const req = createRequire(path.join(path.resolve(dir), 'x.js'));
	return {
		AEL: req('adaptive-expressions'), ACT: req('adaptivecards-templating'), bigInt: req('big-integer'),
		utils: req('adaptive-expressions/lib/functionUtils.js').FunctionUtils,
	};
}

const RealDate = Date;
let fixed = null;
class FakeDate extends RealDate {
	constructor(...a) {
		if (a.length === 0) super(fixed === null ? RealDate.now() : fixed);
		else super(...a);
	}
	static now() { return fixed === null ? RealDate.now() : fixed; }
}

function decide({ AEL, ACT, utils }) {
	const joins = ['concat', 'createArray', 'setProperty', 'addProperty'];
	const stands = (v) => typeof v === 'string' && /^\$\{[^}]*\}$/.test(v);
	utils.evaluateChildren = (expression, state, options, verify) => {
		const args = [];
		let pos = 0;
		for (const child of expression.children) {
			let { value, error } = child.tryEvaluate(state, options);
			if (error) return { args, error };
			if (stands(value) && options.nullSubstitution && !joins.includes(expression.type)) value = undefined;
			if (verify !== undefined) error = verify(value, child, pos);
			if (error) return { args, error };
			args.push(value);
			pos++;
		}
		return { args, error: undefined };
	};
	const text = (v) => v === null || v === undefined ? ''
		: Array.isArray(v) ? v.map(text).join(',')
			: typeof v === 'object' && !(v instanceof Uint8Array) && Object.getPrototypeOf(v) === Object.prototype ? JSON.stringify(v) : v.toString();
	const inner = ACT.Template.internalTryEvaluateExpression;
	ACT.Template.internalTryEvaluateExpression = function (expression, context, allow) {
		if (expression.type !== AEL.ExpressionType.Concat || !allow) return inner.call(this, expression, context, allow);
		let result = '';
		for (const child of expression.children) {
			let r;
			try {
				r = child instanceof AEL.Constant ? { value: child.value } : inner.call(this, wrap(AEL, child), context, allow);
			} catch (e) { r = { error: e }; }
			result += r.error ? '${' + child.toString() + '}' : text(r.value);
		}
		return { value: result, error: undefined };
	};
}

// A concat inside a text is one value, not a text joined by the template.
function wrap(AEL, child) {
	if (child.type !== AEL.ExpressionType.Concat) return child;
	return { type: 'wrapped', children: child.children, tryEvaluate: (m, o) => child.tryEvaluate(m, o) };
}

function answerer(ref, decisions) {
	const { AEL, ACT, bigInt } = ref;
	if (decisions) decide(ref);
	global.Date = FakeDate;

	const kindOf = (m) => /^syntax error/.test(m) ? 'syntax'
		: /does not have an evaluator|^Unknown function/.test(m) ? 'unknown-function' : null;
	const crash = (m) => /Cannot read prop|Cannot destructure|is not a function|Cannot convert|Cannot use|Reduce of empty|Cannot set prop/.test(m);
	const fail = (id, kind, x) => ({ id, error: { kind: kindOf(String(x.message || x)) || (crash(String(x.message || x)) ? 'crash' : kind), message: String(x.message || x) } });

	function plain(v) {
		if (v === undefined) return null;
		if (bigInt.isInstance(v)) return v.toString();
		if (v instanceof Uint8Array) return Array.from(v);
		if (Array.isArray(v)) return v.map(plain);
		if (v && typeof v === 'object') {
			const r = {};
			for (const k of Object.keys(v)) if (v[k] !== undefined) Object.defineProperty(r, k, { value: plain(v[k]), enumerable: true });
			return r;
		}
		return v;
	}
	function special(v) {
		if (typeof v === 'number') return Number.isNaN(v) ? 'nan' : v === Infinity ? 'infinity' : v === -Infinity ? '-infinity' : Object.is(v, -0) ? '-0' : undefined;
		return v instanceof Uint8Array ? 'bytes' : bigInt.isInstance(v) ? 'bigint' : undefined;
	}
	function value(id, v) {
		if (v === undefined) return { id };
		const s = special(v);
		return s ? { id, special: s, value: typeof v === 'number' && s !== '-0' ? null : plain(v) } : { id, value: plain(v) };
	}
	return (c) => {
		const id = c.id;
		fixed = c.now ? RealDate.parse(c.now) : null;
		if (c.kind === 'expression') {
			let e;
			try { e = AEL.Expression.parse(c.template); } catch (x) { return fail(id, 'arguments', x); }
			try {
				const { value: v, error } = e.tryEvaluate(c.data);
				return error ? fail(id, 'evaluation', error) : value(id, v);
			} catch (x) { return fail(id, 'crash', x); }
		}
		let t;
		try { t = new ACT.Template(c.template); } catch (x) { return fail(id, 'arguments', x); }
		try { return value(id, t.expand({ $root: c.data, $host: c.host })); } catch (x) { return fail(id, 'evaluation', x); }
	};
}

module.exports = { load, answerer };

if (require.main === module) {
	const args = process.argv.slice(2), decisions = args.includes('--decisions');
	const answer = answerer(load(args.find((a) => !a.startsWith('--')) || '.'), decisions);
	require('readline').createInterface({ input: process.stdin }).on('line', (l) => {
		if (!l.trim()) return;
		const c = JSON.parse(l);
		let r;
		try { r = answer(c); } catch (x) { r = { id: c.id, error: { kind: 'crash', message: String(x) } }; }
		process.stdout.write(JSON.stringify(r) + '\n');
	});
}
