import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { commands } from '../../server/compat/commands.ts';
import { kinds } from '../../server/schema/config.ts';
import { metaOf } from '../../server/schema/fields.ts';
import { Appliance } from '../support/appliance.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { hostileTexts, MARK } from './hostile-texts.ts';

/**
 * Each of the hostile texts in every parameter of every command, by an API key of the least role that may call it:
 * refused by the parameter's name with nothing changed, or stored and given back as it came. A parameter that has stored
 * so many is left: the others would only be stored too. The services' address is no other test's: some of them take
 * every port there is.
 */
const STORED = 3;

let appliance: Appliance;
const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
const keys: Record<string, string> = {};
before(async () => {
  appliance = await Appliance.start();
  for (const role of ['read-only', 'operator', 'administrator'] as const)
    keys[role] = (await appliance.call('createKey', { body: { name: role, user: 'bal', role } })).key;
});
after(async () => {
  agent.destroy();
  await appliance.stop();
});

type Json = Record<string, unknown> & { code: number; message?: string };

function call(cmd: string, parameters: object, role = 'administrator'): Promise<Json> {
  return new Promise((done, fail) => {
    const sent = request(`${appliance.url}/accessv2`, { method: 'POST', agent, timeout: 60_000 }, reply => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', chunk => {
        text += chunk;
      });
      reply.on('end', () => done(JSON.parse(text)));
    });
    sent.on('timeout', () => sent.destroy(new Error(`${cmd} took longer than a minute`)));
    sent.on('error', fail);
    sent.end(JSON.stringify({ apikey: keys[role], cmd, ...parameters }));
  });
}

/** Would end what the test needs; what they do with a password is tested elsewhere. */
const LEFT_OUT = ['usersetsyspassword', 'delapikey', 'addapikey', 'restore', 'reboot', 'shutdown'];

/** What else a call needs to come as far as the parameter in question. */
const usual = (vs: number, rs: string, file: string): Record<string, Record<string, unknown>> => ({
  addvs: { vs: '127.77.0.1', port: '', prot: 'tcp', VStype: 'http' },
  modvs: { vs },
  dupvs: { vs },
  delvs: {},
  addrs: { vs, rs: '127.77.0.1', rsport: '' },
  modrs: { vs, rs },
  addrule: { name: '', pattern: 'x' },
  modrule: { name: 'known' },
  delrule: {},
  addprerule: { vs },
  addrequestrule: { vs },
  addresponserule: { vs },
  addrsrule: { vs, rs },
  addcert: { data: file, replace: '1' },
  set: { param: 'hostname' },
  addlimitrule: { name: 'x', pattern: 'x', limit: '5' },
  addowaspcustomrule: { data: 'eA==' },
  addowaspcustomdata: { data: 'eA==' },
  addwafcustomrule: { data: 'eA==' },
  addwafcustomdata: { data: 'eA==' },
  owasprules: { vs, rule: '913100' },
  useraddlocal: { password: 'a long password' },
  aclcontrol: { add: 'block', addr: '192.0.2.1' },
  addhostsentry: { hostip: '192.0.2.9', hostfqdn: 'a.example' },
  addacmecert: { cn: 'a.example' },
});

const propertyParameters = (kind: 'virtualService' | 'realServer') =>
  Object.values(kinds[kind].schema.properties as Record<string, object>).flatMap(schema => metaOf(schema).compat ?? []);

function parametersOf(name: string): string[] {
  const more: Record<string, string[]> = {
    modvs: propertyParameters('virtualService'),
    modrs: propertyParameters('realServer'),
  };
  return [...new Set([...(commands[name]?.params ?? []).map(each => each.replace('?', '')), ...(more[name] ?? [])])];
}

/** Looks at the words of all processes as often as it can, and keeps those that hold the mark. */
const WATCH = `
const { readdirSync, readFileSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const seen = new Set();
setInterval(() => {
  for (const id of readdirSync('/proc')) {
    if (!/^\\d+$/.test(id)) continue;
    try {
      const words = readFileSync('/proc/' + id + '/cmdline', 'utf8');
      if (words.includes(workerData)) seen.add(words);
    } catch {}
  }
}, 1);
parentPort.on('message', () => parentPort.postMessage([...seen]));
`;

/** First words of the lines of every golden: what a line of an engine's file may begin with. */
function knownWords(): Set<string> {
  const folder = join(import.meta.dirname, '../golden');
  const files = readdirSync(folder).flatMap(name => {
    try {
      return [readFileSync(join(folder, name, 'haproxy.cfg'), 'utf8')];
    } catch {
      return [];
    }
  });
  return new Set(files.flatMap(text => text.split('\n').map(firstWord)));
}
const firstWord = (line: string) => line.trim().split(/\s/)[0] ?? '';

/** A host that somebody asks to be pinged is a word for ping, and it is one word. */
const isPing = (argv: readonly string[]) =>
  ['timeout', 'ping', 'traceroute'].includes(argv[0] ?? '') &&
  argv.slice(0, -1).every(word => !word.includes(MARK)) &&
  /^[A-Za-z0-9.:_-]+$/.test(argv.at(-1) ?? '');

test('hostile texts in every parameter of every command', { timeout: 500_000 }, async t => {
  const port = await freePort();
  const made = await call('addvs', { vs: '127.77.0.1', port, prot: 'tcp', VStype: 'http' });
  assert.equal(made.code, 200, made.message);
  const vs = made.Index as number;
  await call('addrs', { vs, rs: '127.77.0.1', rsport: 9 });
  await call('addrule', { name: 'known', pattern: 'x' });
  const { chain, key } = await makePem('hostile.example');
  const needs = usual(vs, '!1', Buffer.from(chain + key).toString('base64'));
  const watcher = new Worker(WATCH, { eval: true, workerData: MARK });
  const live = () => readFileSync(join(appliance.dataDir, 'dataplane/live/haproxy.cfg'), 'utf8');
  const known = knownWords();
  const head = async () => (await appliance.call('getHealth')).head;
  let calls = 0;
  let kept = 0;

  for (const [name, { role }] of Object.entries(commands)) {
    if (LEFT_OUT.includes(name)) continue;
    for (const parameter of parametersOf(name)) {
      const before = await head();
      let stored = 0;
      for (let at = 0; at < hostileTexts.length && stored < STORED; at += 8) {
        const texts = hostileTexts.slice(at, at + 8);
        const answers = await Promise.all(texts.map(text => call(name, { ...needs[name], [parameter]: text }, role)));
        for (const [which, answer] of answers.entries()) {
          calls++;
          const said = `${name} ${parameter}=${JSON.stringify(texts[which])}: ${JSON.stringify(answer).slice(0, 300)}`;
          assert.ok(answer.code < 500, said);
          if (answer.code !== 200) assert.ok((answer.message ?? '').length > 3, said);
          else {
            stored++;
            kept++;
          }
        }
      }
      if (stored === 0) assert.equal(await head(), before, `${name} ${parameter}: refused, and changed something`);
    }
  }

  // Free text comes back byte by byte; what is refused names its parameter.
  for (const parameter of ['NickName', 'ErrorUrl', 'CheckUrl', 'ExtraHdrValue', 'CheckPattern', 'QueryTag'])
    for (const text of hostileTexts) {
      const answer = await call('modvs', { vs, [parameter]: text });
      if (answer.code !== 200)
        assert.ok(answer.message?.startsWith(`${parameter}: `), `${parameter}: ${answer.message}`);
      else if (answer[parameter] !== undefined) assert.equal(answer[parameter], text, parameter);
    }

  for (const line of live().split('\n')) assert.ok(known.has(firstWord(line)), `an unknown line: ${line}`);
  watcher.postMessage('');
  const words = await new Promise<string[]>(done => watcher.once('message', done));
  await watcher.terminate();
  assert.deepEqual(
    words.map(line => line.split('\0').slice(0, -1)).filter(argv => !isPing(argv)),
    [],
    'no process was given such a text',
  );
  assert.equal((await call('showvs', { vs })).code, 200);
  t.diagnostic(`${calls} calls, ${kept} of them accepted; ${hostileTexts.length} texts`);
});
