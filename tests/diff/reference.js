// Reads evaluate-style cases from stdin, answers with the npm reference.
'use strict';
const AEL = require('adaptive-expressions');
const ACT = require('adaptivecards-templating');
const bigInt = require('big-integer');
const RealDate = Date;
let fixed = null;
class FakeDate extends RealDate {
  constructor(...a) { if (a.length === 0) super(fixed === null ? RealDate.now() : fixed); else super(...a); }
  static now() { return fixed === null ? RealDate.now() : fixed; }
}
global.Date = FakeDate;
function kindOf(msg) {
  if (/^syntax error/.test(msg)) return 'syntax';
  if (/does not have an evaluator|^Unknown function/.test(msg)) return 'unknown-function';
  return null;
}
function plain(v) {
  if (v === undefined) return null;
  if (bigInt.isInstance(v)) return v.toString();
  if (v instanceof Uint8Array) return Array.from(v);
  if (Array.isArray(v)) return v.map(plain);
  if (v && typeof v === 'object') { const r = {}; for (const k of Object.keys(v)) { if (v[k] !== undefined) Object.defineProperty(r, k, {value: plain(v[k]), enumerable:true}); } return r; }
  return v;
}
function special(v) {
  if (v === undefined) return 'undefined';
  if (typeof v === 'number') { if (Number.isNaN(v)) return 'nan'; if (v === Infinity) return 'infinity'; if (v === -Infinity) return '-infinity'; if (Object.is(v, -0)) return '-0'; }
  if (v instanceof Uint8Array) return 'bytes';
  if (bigInt.isInstance(v)) return 'bigint';
}
function out(id, v) { const s = special(v); const r = {id}; if (s === 'undefined') return r; if (s) r.special = s; r.value = (s==='nan'||s==='infinity'||s==='-infinity') ? null : plain(v); return r; }
function run(c) {
  fixed = c.now ? RealDate.parse(c.now) : null;
  const id = c.id;
  if (c.kind === 'expression') {
    let e;
    try { e = AEL.Expression.parse(c.template); } catch (x) { return {id, error: {kind: kindOf(x.message) || 'arguments', message: x.message}}; }
    try { const {value, error} = e.tryEvaluate(c.data); if (error) return {id, error: {kind: kindOf(error) || 'evaluation', message: String(error)}}; return out(id, value); }
    catch (x) { return {id, error: {kind: kindOf(x.message) || 'crash', message: x.message}}; }
  }
  let t;
  try { t = new ACT.Template(c.template); } catch (x) { return {id, error: {kind: kindOf(x.message) || 'arguments', message: x.message}}; }
  try { return out(id, t.expand({$root: c.data, $host: c.host})); }
  catch (x) { const m = x.message; return {id, error: {kind: kindOf(m) || (/Cannot read prop|is not a function|Cannot convert|Cannot use|Reduce of empty/.test(m) ? 'crash' : 'evaluation'), message: m}}; }
}
const rl = require('readline').createInterface({input: process.stdin});
rl.on('line', l => { if (!l.trim()) return; let r; let c = JSON.parse(l); try { r = run(c); } catch (x) { r = {id: c.id, error: {kind: 'crash', message: String(x && x.message)}}; } process.stdout.write(JSON.stringify(r) + '\n'); });
