// Random cases for differential tests: the same seed gives the same cases.
'use strict';

function random(seed) { // mulberry32
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const data = {
	zero: 0, one: 1, two: 2, seven: 7, neg: -4, half: 0.5, negf: -2.5, pi: 3.14159,
	large: 1234567.891, million: 1e6, tiny: 1e-7, huge: 1e21, cents: 19.999,
	yes: true, no: false, nil: null, blank: '', space: ' ', greet: 'hello',
	words: ['pear', 'Apple', 'fig'], num: '42', numf: '3.75', junk: 'abc', mixedCase: 'HeLLo wORLD',
	accents: 'Zoë Ünïcode straße', wave: 'hi 👋 there', csv: 'red,green,blue', sentence: 'the quick brown fox',
	quoted: 'it\'s "quoted"', padded: '  pad me \t', twoLines: 'line one\nline two',
	list: [3, 1, 2], floats: [1.5, 2.25, -3], none: [], dups: [1, 2, 1, 3, 1], grid: [[1, 2], [3, 4]],
	deep: [1, [2, [3, [4]]]], mixed: [1, 'two', true, null, { k: 'v' }], texts: ['b', 'a', 'C', 'ä', ''],
	people: [{ name: 'Ana', age: 31, tags: ['x', 'y'], boss: { name: 'Raj' } }, { name: 'Bo', age: 25, tags: [] },
		{ name: 'Cy', age: 40, tags: ['z'] }],
	rec: { a: 1, b: 'two', c: { d: [5, 6, 7], e: { f: 'deep' } }, 'key with space': 'kws', 'dotted.key': 'dk', Mixed: 'mx' },
	bare: {}, same: { x: 1, X: 2 }, leap: '2024-02-29T23:05:09.042Z', eve: '2023-12-31T00:00:00.000Z',
	noMs: '2024-02-29T10:00:00Z', day: '2024-02-29', offset: '2024-02-29T10:00:00+02:00', usDate: '02/29/2024 10:30:00',
	link: 'https://user:pw@Example.com:8443/a/b%20c/index.html?x=1&y=two#frag', plainLink: 'http://example.com/',
	notLink: 'nope', mime: 'data:text/plain;charset=utf-8;base64,SGk=', b64: 'SGVsbG8=', epoch: 1709247909,
	jsonText: '{"a":[1,2,{"b":null}],"c":"x"}', xmlText: '<shop><item id="1"><name>Tea</name></item><item id="2"><name>Mug</name></item></shop>',
	store: { books: [{ title: 'One', price: 5, tags: ['a'] }, { title: 'Two', price: 15 }, { title: 'three', price: '15' }] },
};

const pools = {
	n: ['zero', 'one', 'two', 'seven', 'neg', 'half', 'negf', 'pi', 'large', 'million', 'cents', '0', '1', '2', '3', '10', '-1', '1.5', '2.5',
		'0.1', '100', '12345.678', 'count(list)', 'length(greet)', '(one+two)', '-half', 'epoch'],
	t: ['greet', 'blank', 'space', 'num', 'numf', 'junk', 'mixedCase', 'accents', 'wave', 'csv', 'sentence', 'quoted', 'padded', 'twoLines',
		"'a'", "''", "'hello'", "'l'", "','", "' '", "'é'", "'x.y'", '"dq"', "'it\\'s'", "'\\\\'", "'\\n'", "'E'", 'concat(greet,one)',
		'toUpper(greet)', 'day', 'leap', 'first(words)', "'00'", "'-5.5e1z'", "'1e3'", "'Ω Σ ΑΣ'", "'ﬁ ǆ'"],
	l: ['list', 'floats', 'none', 'dups', 'grid', 'deep', 'mixed', 'people', 'words', 'texts', '[]', '[1,2,3]', "['b','a']", 'createArray(1,list)',
		'split(csv,",")', 'range(0,4)', 'rec.c.d', '[null,1]', '[[1],[2]]', 'store.books', 'people[0].tags', 'where(list,x,x>1)'],
	b: ['yes', 'no', 'true', 'false', 'one==1', 'exists(nil)', '!yes', 'greet==greet'],
	o: ['rec', 'bare', 'same', 'store', 'rec.c', '{a:1}', "{'b':'x',c:[1]}", '{}', 'people[0]', 'first(people)'],
	'*': ['nil', 'null', 'nope', 'missing.deep', 'tiny', 'huge', 'undefined', 'rec.zz', 'list[1]', "rec['a']", "rec['dotted.key']", 'people[1].boss.name'],
	date: ['leap', 'eve', "'2024-01-31T08:09:10.011Z'", "'1999-12-31T23:59:59.999Z'", "'2000-03-01T12:00:00.000Z'", 'noMs', 'day', 'junk',
		"'2024-06-15T22:30:00.000Z'", 'offset', 'usDate'],
	loose: ["'2024-02-30'", "'2024-02-29T10:00'", "'Feb 29, 2024'", "'29 February 2024 10:30 pm'", "'2024/02/29'", "'12/31/99'",
		"'Thu, 29 Feb 2024 10:00:00 GMT'", "'2024-02-29 10:00:00 +0530'", "'2024-W09'", "'10:30'", "'2024'", "'2024-13'", "'1/2/3'",
		"'Sat Mar 02 2024 01:02:03 GMT-0800 (PST)'", "'+012345-01-01T00:00:00Z'", "'2024-02-29T24:00:00Z'", "'May 5'"],
	format: ["'yyyy-MM-dd'", "'HH:mm:ss'", "'dddd, MMMM d'", "'ddd MMM dd yyyy'", "'h:mm tt'", "'M/d/yy'", "'fff'", "'FF'", "'o'", "'r'",
		"'yyyy at HH'", "'\\\\d'", "\"'at' HH\"", "'zzz zz z K'", "'%'", "''", "'[x]yyyy'", "'d'", "'Week'", "'g'", "'yyyyy M'", "'D'",
		"'Z'", "'YYYY-DD'", "'ddddd'", "'hh H'", "'s.ff'", 'nil', 'greet'],
	locale: ["'en-US'", "'de-DE'", "'fr-FR'", "'en-IN'", "'de-CH'", "'xx'", "''", "'en_US'", "'tr'", "'ar-EG'"],
	unit: ["'Day'", "'Week'", "'Month'", "'Year'", "'Hour'", "'Minute'", "'Second'", "'day'", "'Days'"],
	zone: ["'UTC'", "'Europe/Berlin'", "'Pacific Standard Time'", "'Asia/Kolkata'", "'W. Europe Standard Time'", "'America/New_York'",
		"'Asia/Tokyo'", "'Nowhere/None'", "'Australia/Sydney'", "'Newfoundland Standard Time'", "'Etc/GMT+5'"],
	uri: ['link', 'plainLink', 'notLink', "'http://a.b/../c/./d?x=1'", "'HTTPS://ÉXAMPLE.com/ä b?q=ü#f'", "'mailto:a@b.c'", "'http://1.2.3/'",
		"'ftp://f.g:21/x'", "'http://[::1]:80/'", "'http:/x/y'", "'http://e.com?'", "'http://e.com/a\\\\b'", "'file:///C:/x'", "'x:y'",
		"'http://e.com:99999/'", "'//e.com'", "'http://a b/'", "'http://e.com/%zz'", "'http://0x7f.1/'", "'ws://h'", "'a:b?c#d'",
		"'http://user@h:8080/p;q=1/r'", "'https://e.com:443/'", "'http://[1:2::3]:81/a'", "'javascript:alert(1)'"],
	regex: ["'^h'", "'l+'", "'[a-c]+$'", "'\\\\d'", "'(?i)HELLO'", "'o$'", "'.'", "'x|e'", "'(a|b)c?'", "'[^a-z]'", "'\\\\w+ \\\\w+'", "'\\\\bx'",
		"'a{2}'", "'(?<n>h)'", "'('", "'[z-a]'", "'\\\\s'", "'^$'", "'a**'", "'(?=a)'", "'é'", "'\\\\.'", "'a{,2}'", "'(?:he)l'", "'h.*?o'",
		"'[\\\\d-x]'", "'\\\\p{L}'", "']'", "'}'", "'\\\\x68'", "'(?m)^line two$'", "'(?s)one.line'", "'one.line'"],
	timex: ["'2024-02-29'", "'XXXX-12-25'", "'T10:30'", "'PT30M'", "'P2D'", "'2024-02'", "'2024-W09'", "'TMO'", "'XXXX-WXX-3'", "'PRESENT_REF'",
		"'2024-02-29T10:15:30'", "'zzz'", "'SU'", "'2024-FA'", "'XXXX-02-29'", "'(2024-01-01,2024-01-05,P4D)'", "'T25'", "'2024'", "'P1.5Y'", "'XXXX-02'",
		"'2024-02-29TEV'", "'XXXX-05-WXX-1-2'", "'P.5D'"],
	minutes: ["'TXX:15:28'", "'TXX:00:10'", "'TXX:99:10'", "'T10:00:00'"],
	jpath: ["'.books'", "'.books.title'", "'.books{.price > 10}.title'", "'.books[0]'", "'.books[-1].title'", "'..title'", "'.*'", "'.books{.title == \"one\"}'",
		"'.books[1:]'", "'.'", "']['", "'.books.tags'", "'..price'", "'.books{.title ^= \"T\"}.price'", "'.books{.price === 15}'", "'.nope'",
		"'.books{.price * 2 == 30}.title'", "'.books.title | .books.price'", "'.books{!.tags}.title'", "'^.books'"],
	xpath: ["'/shop/item/name'", "'//name'", "'count(//item)'", "'/shop/item[@id=2]/name'", "'//nope'", "'string(//name)'", "'['", "'//item/@id'",
		"'//name/text()'", "'1=1'"],
	json: ['jsonText', "'[1,2]'", "'{'", "'\"x\"'", "' 5 '", "'null'", "'{\"a\":1,\"a\":2}'", "'1e400'", "''", "'[1,]'", "'nul'"],
	b64: ['b64', "'SGk'", "'!!!'", "'SGk=SGk='", "'S G k='", "'a'", "'_-8='"],
	pct: ["'a%20b'", "'%'", "'%C3%A9'", "'%zz'", "'%C3'", "'+'", "'%41%'"],
};

// Arguments of each function: pool letters; ? may be left out, + repeats.
const functions = {
	concat: '* + +', length: 't', toLower: 't locale?', toUpper: 't locale?', trim: 't', substring: 't n n?', replace: 't t t',
	replaceIgnoreCase: 't regex t', split: 't t?', startsWith: 't t', endsWith: 't t', indexOf: 't t', lastIndexOf: 't t', countWord: 't',
	addOrdinal: 'n', sentenceCase: 't locale?', titleCase: 't', reverse: 't', string: '* locale?', jsonStringify: '*', EOL: '',
	formatNumber: 'n n locale?', count: 'l', contains: 'l *', empty: '*', first: 'l', last: 'l', join: 'l t t?', foreach: 'lambda', select: 'lambda',
	where: 'lambda', any: 'lambda', all: 'lambda', sum: 'l', average: 'l', max: 'n + +', min: 'l + +', sortBy: 'l t?', sortByDescending: 'l t?',
	take: 'l n', skip: 'l n', subArray: 'l n n?', createArray: '* + +', range: 'n small', union: 'l l', intersection: 'l l', unique: 'l', flatten: 'l n?',
	indicesAndValues: 'l', and: 'b + +', or: 'b + +', not: 'b', equals: '* *', less: 'n n', lessOrEquals: 't t', greater: 'n n', greaterOrEquals: 'n n',
	if: 'b * *', exists: '*', bool: '*', int: 't', float: 't', json: 'json', isString: '*', isInteger: 'n', isFloat: 'n', isBoolean: '*', isArray: '*',
	isObject: '*', isDateTime: 'date', base64: 't', base64ToString: 'b64', dataUri: 't', dataUriToString: 'mimet', uriComponent: 't',
	uriComponentToString: 'pct', binary: 't', base64ToBinary: 'b64', dataUriToBinary: 't', isMatch: 't regex', add: 'n n', sub: 'n n', mul: 'n n',
	div: 'n n', mod: 'n n', exp: 'n n', round: 'n n?', floor: 'n', ceiling: 'n', abs: 'n', sqrt: 'n', formatDateTime: 'loose format? locale?',
	formatEpoch: 'n format?', formatTicks: 'n format?', utcNow: 'format? locale?', addDays: 'date n format?', addHours: 'date n format?',
	addMinutes: 'date n format?', addSeconds: 'date n format?', addToTime: 'date n unit format?', subtractFromTime: 'date n unit format?',
	getFutureTime: 'n unit format?', getPastTime: 'n unit format?', year: 'date', month: 'date', dayOfMonth: 'date', dayOfWeek: 'date',
	dayOfYear: 'date', date: 'date', startOfDay: 'date format?', startOfHour: 'date format?', startOfMonth: 'date format?', ticks: 'date',
	ticksToDays: 'n', ticksToHours: 'n', ticksToMinutes: 'n', dateTimeDiff: 'date date', convertFromUTC: 'date zone format?',
	convertToUTC: 'date zone format?', getTimeOfDay: 'date', dateReadBack: 'date date', isDate: 'timex', isTime: 'timex', isDateRange: 'timex',
	isTimeRange: 'timex', isDuration: 'timex', isDefinite: 'timex', isPresent: 'timex', resolve: 'timex', getNextViableDate: 'timex zone?',
	getPreviousViableDate: 'timex zone?', getNextViableTime: 'minutes zone?', getPreviousViableTime: 'minutes', getProperty: 'o t', setProperty: 'o t *',
	addProperty: 'o t *', removeProperty: 'o t', merge: 'o o', coalesce: '* + +', uriHost: 'uri', uriPath: 'uri', uriPathAndQuery: 'uri', uriPort: 'uri',
	uriQuery: 'uri', uriScheme: 'uri', jPath: 'store2 jpath', xPath: 'xml xpath', xml: 'o', stringOrValue: 'inner',
};
pools.small = ['0', '1', '3', 'seven', '-1', '1.5', 'two', 'num', '200001'];
pools.mimet = ['mime', 'b64', "'x,SGk='", "','"];
pools.store2 = ['store', 'jsonText', 'rec', 'people', 'one', 'nil'];
pools.xml = ['xmlText', "'<a/>'", "'<a>x<b/>y</a>'", "'<a'", 'greet'];
pools.inner = ["'${one}'", "'${one} item'", "'plain'", "'${missing}'", "'${list}'", "'a${nil}b'", "'${'", "'${one+}'", 'greet', "'${upper(1)}'"];

const names = Object.keys(functions);
const operators = ['+', '-', '*', '/', '%', '^', '==', '!=', '<', '<=', '>', '>=', '&&', '||', '&', '??'];

function maker(seed) {
	const rnd = random(seed);
	const below = (n) => Math.floor(rnd() * n);
	const pick = (a) => a[below(a.length)];
	const kinds = ['n', 't', 'l', 'b', 'o', '*', 'date'];

	function atom(kind) {
		if (kind === '*' && rnd() < 0.6) kind = pick(kinds);
		if (rnd() < 0.06) kind = pick(kinds);
		return pick(pools[kind] || pools['*']);
	}
	function lambda(depth) {
		const x = pick(['x', 'it', 'one', 'X']);
		const list = rnd() < 0.8 ? atom('l') : atom('o');
		const body = pick([x, `${x}.name`, `${x}.age > 30`, `${x} > 1`, `${x}.key`, `concat(${x},'!')`, `${x}.value`, `count(${x})`,
			`${x} == 1`, `{a:${x}}`, `[${x}]`, expr(depth - 1, '*'), `${x}.tags`, `exists(${x})`]);
		return rnd() < 0.3 ? `${list},${x}=>${body}` : `${list},${x},${body}`;
	}
	function call(depth) {
		const f = pick(names), spec = functions[f];
		if (spec === 'lambda') return `${f}(${lambda(depth)})`;
		const args = [];
		for (const s of spec.split(' ').filter(Boolean)) {
			if (s === '+') { if (rnd() < 0.5) args.push(expr(depth - 1, args.length ? '*' : 'n')); continue; }
			if (s.endsWith('?')) { if (rnd() < 0.55) break; args.push(arg(depth, s.slice(0, -1))); } else args.push(arg(depth, s));
		}
		if (rnd() < 0.02) args.pop();
		if (rnd() < 0.02) args.push(atom('*'));
		return `${f}(${args.join(pick([',', ', ']))})`;
	}
	function arg(depth, kind) {
		return kind.length > 1 || rnd() < 0.7 ? atom(kind) : expr(depth - 1, kind);
	}
	function expr(depth, kind) {
		const r = rnd();
		if (depth <= 0 || r < 0.12) return atom(kind);
		if (r < 0.6) return call(depth);
		if (r < 0.78) {
			const s = rnd() < 0.5 ? ' ' : '';
			const op = pick(operators), sp = op === '%' || s ? ' ' : '';
			return `${expr(depth - 1, 'n')}${sp}${op}${sp}${expr(depth - 1, 'n')}`;
		}
		if (r < 0.82) return `${pick(['!', '-', '+'])}${expr(depth - 1, 'n')}`;
		if (r < 0.86) return `(${expr(depth - 1, kind)})`;
		if (r < 0.89) return `${expr(depth - 1, 'b')}?${expr(depth - 1, '*')}:${expr(depth - 1, '*')}`;
		if (r < 0.92) return `${atom('l')}[${atom('n')}]`;
		if (r < 0.94) return `${atom('o')}[${atom('t')}]`;
		if (r < 0.96) return `${pick(['rec', 'first(people)', 'people[0]', 'rec.c', 'json(jsonText)', 'nil'])}.${pick(['a', 'name', 'c', 'd', 'zz', 'B'])}`;
		if (r < 0.98) return `[${expr(depth - 1, '*')},${atom('*')}]`;
		return `{a:${expr(depth - 1, '*')}, 'b c': ${atom('*')}}`;
	}
	function mangle(s) {
		const i = below(s.length + 1);
		return s.slice(0, i) + pick(['', ' ', '(', ')', ',', '.', '!', '?', ':', '[', ']', "'", '"', '`', '$', '%', '=', '>', '{', '}', '\\', '1', 'é']) + s.slice(i + below(2));
	}
	const text = (depth) => {
		let s = '';
		for (let n = 1 + below(3); n > 0; n--) s += pick(['', '', 'a ', ': ', '$', '\\${x}', '}', '{', ' - ', 'é', '\\', "'", '"']) + '${' + pick(['', '', ' ']) + expr(depth, '*') + pick(['', '', ' ']) + '}';
		return s + pick(['', '', '!', ' x', '$', '\\`', '${', '${}', '${ }']);
	};
	function node(depth) {
		const r = rnd();
		if (depth <= 0 || r < 0.3) return r < 0.2 ? text(2) : '${' + expr(2, '*') + '}';
		if (r < 0.36) return pick(['plain', 5, true, null, 1.5, '', '{{DATE(2024-01-01T00:00:00Z)}}', 'back`tick', '\\$']);
		if (r < 0.55) return Array.from({ length: below(4) }, () => node(depth - 1));
		const o = {};
		if (rnd() < 0.3) o.$data = pick(['${list}', '${people}', '${rec}', '${nil}', '${missing}', '${none}', '${one}', '${people[0].tags}', '${$root}', '${words}', '${mixed}', '${x}']);
		if (rnd() < 0.3) o.$when = '${' + expr(2, 'b') + '}';
		for (let n = below(4); n > 0; n--) o[pick(['type', 'text', 'items', 'k', '$index', '$x', '2', 'a'])] = node(depth - 1);
		return o;
	}
	const scoped = ['${$data}', '${$index}', '${name}', '${$root.one}', 'i${$index}', '${$data.age}', '${a}', '${$host}', '${$host.h}', '${tags}', '${c.e.f}', '${$data[0]}', '${$ROOT.greet}'];
	return {
		expression() { const s = expr(3, '*'); return rnd() < 0.06 ? mangle(s) : s; },
		template() {
			const r = rnd();
			if (r < 0.35) return rnd() < 0.08 ? mangle(text(2)) : text(2);
			const t = node(4);
			return JSON.parse(JSON.stringify(t, (k, v) => (typeof v === 'string' && k[0] !== '$' && rnd() < 0.25 ? pick(scoped) : v)));
		},
	};
}

module.exports = { maker, data };

if (require.main === module) { // generate.js SEED COUNT expression|template
	const [seed, count, kind] = [+process.argv[2], +process.argv[3], process.argv[4]];
	const make = maker(seed), host = kind === 'template' ? { host: { h: 'hv' } } : {};
	for (let i = 0; i < count; i++)
		process.stdout.write(JSON.stringify({ id: `${kind}-${seed}-${i}`, kind, template: make[kind](),
			now: '2025-03-14T15:09:26.535Z', data, ...host }) + '\n');
}
