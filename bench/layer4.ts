import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inEffect } from '../scripts/api-client.ts';
import { ApplianceProcess } from '../scripts/appliance-process.ts';
import { Network } from '../scripts/namespaces.ts';
import { Program } from './program.ts';

/**
 * layer4.ts ROUNDS SECONDS, run by run.ts in a network namespace of its own: TCP requests, new connections and UDP
 * packets through Layer 4 of Ballast, through nftlb with the same service, through a bare HAProxy in TCP mode, and
 * routed straight to the server. Prints one line of JSON, a Layer4Results.
 */

const layer4Targets = ['ballast', 'straight', 'nftlb', 'haproxy'] as const;
type Layer4Target = (typeof layer4Targets)[number];
export type Layer4Results = { name: string; rounds: Record<Layer4Target, number[]> }[];

const [rounds = 5, seconds = 2] = process.argv.slice(2).map(Number);
const addresses: Record<Layer4Target, string> = {
  ballast: '10.1.0.100',
  straight: '10.2.0.11',
  nftlb: '10.1.0.101',
  haproxy: '10.1.0.102',
};
/**
 * Each target has the server to itself at an address of its own. At a shared one a port that a client takes again would
 * meet what is left of another target's connection (TIME_WAIT) with timestamps that fit only that one, and wait a second.
 */
const servers: Record<Layer4Target, string> = {
  ballast: '10.2.0.12',
  straight: '10.2.0.11',
  nftlb: '10.2.0.13',
  haproxy: '10.2.0.14',
};
const HTTP = 80;
const UDP = 5201;

const network = new Network(['outer', 'inner']);
const folder = mkdtempSync(join(tmpdir(), 'ballast-layer4-'));
const running: Program[] = [];
let appliance: ApplianceProcess | undefined;

async function prepare(): Promise<void> {
  network.plug('eth0', 'outer', '10.1.0.1/24');
  network.plug('eth1', 'inner', '10.2.0.1/24');
  network.host('client', 'outer', ['10.1.0.50/24'], ['10.1.0.1']);
  network.host(
    'server',
    'inner',
    Object.values(servers).map(address => `${address}/24`),
    ['10.2.0.1'],
  );
  const nginx = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    nginx,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr error; events { worker_connections 8192; }
http { access_log off; keepalive_requests 100000000; ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
server { listen ${HTTP} backlog=4096; location / { return 200 "${'x'.repeat(128)}\\n"; } } }`,
  );
  running.push(new Program('ip', network.command('server', 'nginx', '-p', folder, '-e', 'stderr', '-c', nginx)));
  for (const address of Object.values(servers))
    running.push(new Program('ip', network.command('server', 'iperf3', '-s', '-B', address, '-p', String(UDP))));

  const password = 'correct horse battery';
  appliance = new ApplianceProcess({
    data: join(folder, 'data'),
    port: 25_002,
    password,
    address: '127.0.0.1',
    show: false,
  });
  await appliance.ready();
  const { api } = appliance;
  await api.login('bal', password);
  const common = { address: addresses.ballast, type: 'tcp', layer: 'l4' } as const;
  // A test of UDP is told of over TCP on the same port.
  for (const [port, protocol] of [
    [HTTP, 'tcp'],
    [UDP, 'tcp'],
    [UDP, 'udp'],
  ] as const)
    inEffect(
      await api.call('createVirtualService', {
        body: { ...common, port, protocol, checkType: 'none', realServers: [{ address: servers.ballast, port }] },
      }),
    );

  for (const target of ['nftlb', 'haproxy'] as const)
    network.local('ip', 'address', 'add', `${addresses[target]}/32`, 'dev', 'eth0');
  const farm = (name: string, port: number, protocol: string) => ({
    ...{ name, family: 'ipv4', 'virtual-addr': addresses.nftlb, 'virtual-ports': String(port), protocol, mode: 'dnat' },
    ...{ scheduler: 'rr', state: 'up' },
    backends: [{ name: 'b', 'ip-addr': servers.nftlb, state: 'up', weight: '1', priority: '1' }],
  });
  const file = join(folder, 'nftlb.json');
  writeFileSync(
    file,
    JSON.stringify({ farms: [farm('http', HTTP, 'tcp'), farm('control', UDP, 'tcp'), farm('udp', UDP, 'udp')] }),
  );
  network.local('nftlb', '-e', '-k', 'bench', '-c', file);
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    `defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen http
  bind ${addresses.haproxy}:${HTTP}
  server s ${servers.haproxy}:${HTTP}
`,
  );
  running.push(new Program('haproxy', ['-db', '-f', config]));
  await sleep(1_000);
}

const rate = (text: string) => {
  const found = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(text)?.[1]);
  if (!(found > 0) || /Socket errors: connect [1-9]/.test(text))
    throw new Error(`wrk said something unexpected:\n${text}`);
  return found;
};

const wrk = (target: Layer4Target, ...more: string[]) =>
  rate(
    network.run('client', 'wrk', '-t', '1', '-c', '64', '-d', `${seconds}s`, ...more, `http://${addresses[target]}/`),
  );

/** Packets of 64 bytes that arrived, per second. HAProxy has no UDP. */
function packets(target: Layer4Target): number {
  if (target === 'haproxy') return Number.NaN;
  const words = ['-c', addresses[target], '-p', String(UDP), '-u', '-b', '0', '-l', '64', '-t', String(seconds), '-J'];
  const { end } = JSON.parse(network.run('client', 'iperf3', ...words)) as {
    end: { sum: { packets: number; lost_packets: number; seconds: number } };
  };
  return (end.sum.packets - end.sum.lost_packets) / end.sum.seconds;
}

const cases: [string, (target: Layer4Target) => number][] = [
  ['Layer 4 TCP, keep-alive, requests/s', target => wrk(target)],
  ['Layer 4 TCP, new connections/s', target => wrk(target, '-H', 'Connection: close')],
  ['Layer 4 UDP, packets/s', packets],
];

async function main(): Promise<void> {
  await prepare();
  const results: Layer4Results = cases.map(([name]) => ({
    name,
    rounds: { ballast: [], straight: [], nftlb: [], haproxy: [] },
  }));
  for (let round = 0; round < rounds; round++)
    for (const [at, [, measure]] of cases.entries())
      for (let turn = 0; turn < layer4Targets.length; turn++) {
        const target = layer4Targets[(turn + round) % layer4Targets.length] as Layer4Target;
        results[at]?.rounds[target].push(measure(target));
      }
  console.log(JSON.stringify(results));
}

main()
  .finally(async () => {
    await appliance?.stop();
    await Promise.all(running.map(program => program.stop()));
    network.close();
    rmSync(folder, { recursive: true, force: true });
  })
  .catch(error => {
    console.error(error);
    process.exitCode = 1;
  });
