import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FACTS } from '../../scripts/golden-cases.ts';
import { compile } from '../../server/compile/compile.ts';
import { plan } from '../../server/compile/plan.ts';
import type { Place, ProxySet } from '../../server/compile/proxy.ts';
import { render } from '../../server/compile/render.ts';
import { ask } from '../../server/dataplane/haproxy-socket.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';

/** What the plan does to a running engine must be what a start on the same set makes: asked of the engine itself. */

const scratch = mkdtempSync(join(tmpdir(), 'ballast-plan-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

let engines = 0;

interface Running {
  ask: (line: string, payload?: string) => Promise<string>;
  /** Service 1's listener: a path, since ports are not what is tried here. */
  listener: string;
  [Symbol.asyncDispose]: () => Promise<void>;
}

async function start(config: Config): Promise<Running> {
  const folder = join(scratch, String(++engines));
  const listener = join(folder, 'vs1.sock');
  const place = placeIn(folder);
  const { proxy } = compile(config, FACTS, place);
  mkdirSync(folder);
  writeFileSync(place.stateFile, '1\n');
  for (const [file, text] of Object.entries(render(onPaths(proxy, listener)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const engine = spawn('haproxy', ['-C', folder, '-db', '-f', 'haproxy.cfg'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  engine.stderr.setEncoding('utf8').on('data', text => said.push(text));
  const running: Running = {
    ask: (line, payload) => ask(place.statsSocket, line, payload),
    listener,
    [Symbol.asyncDispose]: async () => {
      if (engine.exitCode !== null) return;
      engine.kill('SIGKILL');
      await once(engine, 'exit');
    },
  };
  for (let tries = 0; tries < 200; tries++) {
    assert.equal(engine.exitCode, null, said.join(''));
    if (/^Pid/m.test(await running.ask('show info').catch(() => ''))) return running;
    await sleep(25);
  }
  throw new Error(`the engine did not answer: ${said.join('')}`);
}

const placeIn = (folder: string): Place => ({
  statsSocket: join(folder, 'stats.sock'),
  stateFile: join(folder, 'state'),
  peersSocket: `abns@${folder}`,
  maxconn: 500,
  engine: 2.6,
});

const onPaths = (proxy: ProxySet, path: string): ProxySet => ({
  ...proxy,
  sections: proxy.sections.map(section => ({
    ...section,
    lines: section.lines.map(line => line.replace(/^bind \S+/, `bind unix@${path}`)),
  })),
});

/** All that may differ between two sets without a reload, as the engine itself tells it. */
async function serversOf({ ask }: Running): Promise<object[]> {
  const rows = (await ask('show servers state')).split('\n');
  const names =
    rows
      .find(row => row.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  const stat = (await ask('show stat -1 4 -1')).replace(/^# /, '').split('\n');
  const columns = stat[0]?.split(',') ?? [];
  return rows
    .filter(row => /^\d+ \S+ \d+ /.test(row))
    .map(row => {
      const of = (name: string) => row.split(' ')[names.indexOf(name)];
      const line = stat.find(one => one.startsWith(`${of('be_name')},${of('srv_name')},`))?.split(',') ?? [];
      return {
        name: `${of('be_name')}/${of('srv_name')}`,
        id: of('srv_id'),
        at: `${of('srv_addr')} ${of('srv_port')}`,
        weight: of('srv_uweight'),
        // SRV_ADMF_FMAINT, _IMAINT. _CMAINT only remembers that the file said so, and stays when the server is ready.
        maintenance: (Number(of('srv_admin_state')) & 0x03) !== 0,
        up: /^UP|^no check|^DRAIN/.test(line[columns.indexOf('status')] ?? ''),
        tls: of('srv_use_ssl'),
        limit: line[columns.indexOf('slim')] || '0',
        // CHK_ST_CONFIGURED, CHK_ST_ENABLED.
        checked: Number(of('srv_check_state')) & 0x06,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const config = (service: object, servers: object[], certificates: object[] = []): Config => ({
  ...emptyConfig(),
  virtualServices: [fill('virtualService', { id: 1, address: '127.0.0.1', port: 80, ...service })],
  realServers: servers.map((server, at) =>
    fill('realServer', { id: at + 1, virtualService: 1, address: '127.0.0.2', port: 9, ...server }),
  ),
  certificates: certificates.map((certificate, at) =>
    fill('certificate', { id: at + 1, name: `c${at + 1}`, ...certificate }),
  ),
  authorities: certificates.map((certificate, at) =>
    fill('authority', { id: at + 1, name: `a${at + 1}`, chain: (certificate as { chain: string }).chain }),
  ),
});

function selfSigned(name: string): { chain: string; key: string } {
  const file = join(scratch, `${name}.key`);
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file];
  const chain = execFileSync('openssl', [...args, '-subj', `/CN=${name}`, '-days', '2'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return { chain, key: readFileSync(file, 'utf8') };
}

/** Applies the plan, every answer as expected, and compares with an engine started on the wanted set. */
async function assertSame(before: Config, wanted: Config): Promise<void> {
  await using running = await start(before);
  const place = placeIn('');
  const steps = plan(compile(before, FACTS, place).proxy, compile(wanted, FACTS, place).proxy);
  assert.equal(steps.effect, 'runtime');
  for (const { line, payload, expect } of steps.commands)
    assert.match(await running.ask(line, payload), new RegExp(expect), line);
  await using fresh = await start(wanted);
  assert.deepEqual(await serversOf(running), await serversOf(fresh));
}

const tls = { tls: true, certificates: [1] };

/** Every kind of server line that can come up: each must be one that HAProxy also takes at runtime. */
const services: Record<string, object> = {
  'plain, TCP check': {},
  'no check': { checkType: 'none' },
  'HTTP check on another port': { checkType: 'http', checkPort: 81, checkHost: 'a.test' },
  'HTTPS check with a name': { checkType: 'https', checkHost: 'a.test:444' },
  'HTTPS check of an address': { checkType: 'https', checkHost: '10.0.0.1' },
  'HTTP reencrypted': { ...tls, reencrypt: true },
  'HTTP reencrypted, HTTPS check': { ...tls, reencrypt: true, checkType: 'https' },
  'TCP reencrypted': { ...tls, type: 'tcp', reencrypt: true },
  'HTTP reencrypted, verified, with a name, a certificate and HTTP/2': {
    ...tls,
    ...{ reencrypt: true, serverAuthority: 1, serverCertificate: 1, serverName: 'inside.test', serverHttp2: true },
    ...{ serverTlsMinimum: 'TLSv1.1', checkType: 'https' },
  },
  'reversed, any TCP': { type: 'tcp', reverse: true },
  'source-IP hash': { scheduling: 'source-ip-hash' },
  'source-IP persistence': { persistence: 'source-ip' },
  'weighted least connection': { scheduling: 'weighted-least-connection' },
  'redirect when down': { unavailableAction: 'redirect', redirectUrl: 'https://%h%s' },
};

for (const [name, service] of Object.entries(services))
  test(`servers added at runtime are those of a fresh start: ${name}`, async () => {
    const pair = [selfSigned('first')];
    await assertSame(
      config(service, [{}], pair),
      config(
        service,
        [{}, { port: 10, weight: 2000 }, { address: '::1', connectionLimit: 3, state: 'disabled' }],
        pair,
      ),
    );
  });

test('all that can change of a server at runtime ends as after a fresh start', async () => {
  const service = { scheduling: 'weighted-round-robin' };
  await assertSame(
    config(service, [{}, { state: 'disabled' }, { state: 'drain' }, { connectionLimit: 5 }]),
    config(service, [
      { address: '127.0.0.3', port: 11, weight: 10 },
      { state: 'drain' },
      { state: 'disabled', connectionLimit: 4 },
      { connectionLimit: 7, address: '::1' },
    ]),
  );
});

/** The name in the certificate that a TLS client of the listener is shown. */
const shown = ({ listener }: Running): string =>
  execFileSync(
    'sh',
    ['-c', `openssl s_client -unix "$0" </dev/null 2>/dev/null | openssl x509 -noout -subject`, listener],
    {
      encoding: 'utf8',
    },
  ).trim();

test('a certificate is replaced under a running listener, empty lines and all', async () => {
  const [old, next] = [selfSigned('old'), selfSigned('next')];
  const spaced = { chain: `\n${next.chain}\n\n\nshow info\n`, key: `\r\n${next.key}\n\n` };
  const before = config(tls, [], [old]);
  const wanted = config(tls, [], [spaced]);
  await using running = await start(before);
  assert.match(shown(running), /CN = old/);
  const place = placeIn('');
  const steps = plan(compile(before, FACTS, place).proxy, compile(wanted, FACTS, place).proxy);
  assert.equal(steps.effect, 'runtime');
  for (const { line, payload, expect } of steps.commands) {
    assert.doesNotMatch(payload ?? '', /^\s*$\n./m, 'an empty line would end the payload');
    const answer = await running.ask(line, payload);
    assert.match(answer, new RegExp(expect), line);
    assert.doesNotMatch(answer, /Pid/, 'no line of a certificate is run as a command');
  }
  assert.match(shown(running), /CN = next/);
});

test('a chain of nearly the largest size goes in at runtime; a larger one is a reload', async () => {
  const [old, next] = [selfSigned('small'), selfSigned('large')];
  const chainOf = (bytes: number) => next.chain.repeat(Math.floor((bytes - next.key.length) / next.chain.length));
  const before = config(tls, [], [old]);
  const place = placeIn('');
  const stepsTo = (bytes: number) => {
    const wanted = config(tls, [], [{ ...next, chain: chainOf(bytes) }]);
    return plan(compile(before, FACTS, place).proxy, compile(wanted, FACTS, place).proxy);
  };
  assert.equal(stepsTo(16_000).effect, 'reload');
  await using running = await start(before);
  const steps = stepsTo(14_336);
  assert.equal(steps.effect, 'runtime');
  for (const { line, payload, expect } of steps.commands)
    assert.match(await running.ask(line, payload), new RegExp(expect), line);
  assert.match(shown(running), /CN = large/);
});
