import { anyPath, judge } from '../support/judge.ts';
import { StrictOrigin } from '../support/strict-origin.ts';
import { answers, attacks, benign } from './smuggling-cases.ts';
import { h2Attacks, h2Benign } from './smuggling-h2-cases.ts';

const origin = new StrictOrigin();
for (const [k, v] of Object.entries(answers)) origin.answers.set(k, v);
origin.port = 27992;
await origin.start();
const plain = { port: 27990 },
  tls = { port: 27991, tls: true };
const all = [...attacks, ...benign].map(c => ({
  ...c,
  pieces: (path: string) => c.pieces.map(p => p.replaceAll(anyPath, path)),
}));
const h2 = [...h2Attacks, ...h2Benign].map(c => ({ ...c, h2: true, pieces: (path: string) => [c.bytes(path)] }));
console.log(attacks.length, benign.length, h2Attacks.length, h2Benign.length);
const t = Date.now();
for (const [where, place] of [
  ['plain', plain],
  ['tls', tls],
] as const)
  for (const c of [...all, ...h2]) for (const w of await judge(place, origin, c)) console.log(where, w.slice(0, 400));
console.log(Date.now() - t, 'ms');
await origin.stop();
