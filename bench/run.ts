import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inEffect } from '../scripts/api-client.ts';
import { ApplianceProcess } from '../scripts/appliance-process.ts';
import { pathsOf } from '../server/paths.ts';
import { measureChanges } from './changes.ts';
import type { Layer4Results } from './layer4.ts';
import { cases, type Figures, measure } from './load.ts';
import { output, type Program } from './program.ts';
import { backend, bareHaproxy, nginxProxy, type Ports } from './rivals.ts';
import { type Results, table } from './table.ts';

const BACKEND = 25_001;
const CONSOLE = 25_002;
const SPARE = 25_003;
const targets: Record<keyof Results['traffic'][number]['rounds'], Ports> = {
  ballast: { http: 25_010, https: 25_011 },
  haproxy: { http: 25_020, https: 25_021 },
  nginx: { http: 25_030, https: 25_031 },
};
type Target = keyof typeof targets;
const names = Object.keys(targets) as Target[];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    changes: { type: 'string', default: '50' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const changes = Number(values.changes);

const folder = mkdtempSync(join(tmpdir(), 'ballast-bench-'));
chmodSync(folder, 0o755);
const running: Program[] = [];
let appliance: ApplianceProcess | undefined;

async function certificate(): Promise<{ pem: string; chain: string; key: string }> {
  const [chain, key, pem] = ['chain.pem', 'key.pem', 'both.pem'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await output('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-subj', '/CN=bench.test', '-addext', 'subjectAltName=DNS:bench.test', '-keyout', key, '-out', chain],
  ]);
  writeFileSync(pem, readFileSync(chain, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  return { pem, chain: readFileSync(chain, 'utf8'), key: readFileSync(key, 'utf8') };
}

async function startAppliance(data: string, chain: string, key: string): Promise<ApplianceProcess> {
  const password = randomBytes(12).toString('base64url');
  const started = new ApplianceProcess({ data, port: CONSOLE, password, address: '127.0.0.1', show: false });
  appliance = started;
  await started.ready();
  const { api } = started;
  await api.login('bal', password);
  const imported = inEffect(await api.call('importCertificate', { body: { name: 'bench', pem: chain, key } }));
  const common = { address: '127.0.0.1', realServers: [{ address: '127.0.0.1', port: BACKEND }] };
  inEffect(await api.call('createVirtualService', { body: { ...common, port: targets.ballast.http } }));
  inEffect(
    await api.call('createVirtualService', {
      body: { ...common, port: targets.ballast.https, tls: true, certificates: [imported.id] },
    }),
  );
  return started;
}

async function traffic(): Promise<Results['traffic']> {
  const results = cases.map(({ name }) => ({
    name,
    rounds: { ballast: [], haproxy: [], nginx: [] } as Record<Target, Figures[]>,
  }));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`Round ${round + 1} of ${rounds}\n`);
    for (const [at, kind] of cases.entries())
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round) % names.length] as Target;
        const port = targets[name][kind.tls ? 'https' : 'http'];
        results[at]?.rounds[name].push(await measure(kind, port, seconds));
      }
  }
  return results;
}

async function main(): Promise<void> {
  const { pem, chain, key } = await certificate();
  running.push(await backend(folder, BACKEND));
  running.push(await bareHaproxy(folder, pem, targets.haproxy, BACKEND));
  running.push(await nginxProxy(folder, pem, targets.nginx, BACKEND));
  const data = join(folder, 'data');
  const { api } = await startAppliance(data, chain, key);
  for (const name of names)
    for (const kind of cases) await measure(kind, targets[name][kind.tls ? 'https' : 'http'], 1); // warm-up, not counted
  const results: Results = {
    time: new Date().toISOString(),
    machine: { cores: cpus().length, cpu: cpus()[0]?.model ?? '', kernel: release() },
    versions: { haproxy: firstLine(await output('haproxy', ['-v'])), nginx: firstLine(await output('nginx', ['-v'])) },
    rounds,
    seconds,
    traffic: await traffic(),
    layer4: await layer4(),
    changes: await measureChanges(api, pathsOf(data).statsSocket, SPARE, BACKEND, changes),
  };
  console.log(table(results));
  const place = join(import.meta.dirname, 'results');
  mkdirSync(place, { recursive: true });
  const file = join(place, `${results.time.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\nAll rounds: ${file}`);
}

/** In a network namespace of its own, which ends with it. */
async function layer4(): Promise<Layer4Results> {
  process.stderr.write('Layer 4\n');
  const script = join(import.meta.dirname, 'layer4.ts');
  return JSON.parse(await output('unshare', ['--net', process.execPath, script, String(rounds), String(seconds)]));
}

const firstLine = (text: string) => text.split('\n')[0] ?? '';

async function clean(): Promise<void> {
  await appliance?.stop();
  await Promise.all(running.map(program => program.stop()));
  rmSync(folder, { recursive: true, force: true });
}

for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    clean().finally(() => process.exit(130));
  });

main()
  .finally(clean)
  .catch(error => {
    console.error(error);
    process.exitCode = 1;
  });
