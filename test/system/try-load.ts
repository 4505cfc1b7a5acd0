import { spawn } from 'node:child_process';
import { Load, Wrk } from '../support/load.ts';
import { WebServer } from '../support/web-server.ts';

const s = new WebServer('one');
s.port = 27992;
await s.start();
const h = spawn('haproxy', ['-W', '-S', '/tmp/acceptance-x/m.sock', '-f', '/tmp/acceptance-x/load.cfg'], {
  stdio: 'ignore',
});
await new Promise(r => setTimeout(r, 800));
const plain = { port: 27990 },
  tls = { port: 27991, tls: true };
const load = await Load.start([
  { name: 'keep', kind: 'keep-alive', place: plain, connections: 8, body: '^one$' },
  { name: 'keep tls', kind: 'keep-alive', place: tls, connections: 8, body: '^one$', pause: 3 },
  { name: 'close', kind: 'close', place: plain, connections: 4, body: '^one$', pause: 5 },
  { name: 'close tls', kind: 'close', place: tls, connections: 2, body: '^one$', pause: 5 },
  { name: 'h2', kind: 'h2', place: tls, connections: 8, body: '^one$', pause: 5 },
]);
const w = new Wrk('http://127.0.0.1:27990/', 4);
const w2 = new Wrk('https://127.0.0.1:27991/', 4);
for (let i = 0; i < 10; i++) {
  await new Promise(r => setTimeout(r, 600));
  h.kill('SIGUSR2');
}
await new Promise(r => setTimeout(r, 600));
console.log(await w.stop(), await w2.stop());
console.log(await load.stop());
h.kill('SIGTERM');
await s.stop();
