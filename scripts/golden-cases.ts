import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../server/compile/compile.ts';
import { guardText } from '../server/compile/network/guard.ts';
import { ipPlan, type LiveNetwork, nothingOwned } from '../server/compile/network/ip-plan.ts';
import { nameFiles } from '../server/compile/network/name-files.ts';
import { emptyNetwork, type NetworkSet, networkSet } from '../server/compile/network/network-set.ts';
import { networkdFiles, trialFiles } from '../server/compile/network/networkd.ts';
import { baseText, outboundText, serviceText } from '../server/compile/nftables/ruleset.ts';
import { plan } from '../server/compile/plan.ts';
import type { Place, Section } from '../server/compile/proxy.ts';
import { render, renderSection } from '../server/compile/render.ts';
import { type Config, emptyConfig, type Facts, type Kind, kinds } from '../server/schema/config.ts';
import { fill, listOf } from '../server/schema/derive.ts';
import { words } from '../server/schema/words.ts';

/** A folder with `in.json`, perhaps `after.json`, and the files that must come out of them. */
export interface GoldenCase {
  name: string;
  folder: string;
  config: Config;
  after?: Config;
  /** HAProxy's version where the case pretends to run. */
  engine: number;
}

const ROOT = join(import.meta.dirname, '..', 'test', 'golden');

export const FACTS: Facts = { managementPort: 8443, loopback: true };

/** Where goldens pretend to run. */
export const PLACE: Place = {
  statsSocket: '/run/ballast/haproxy.sock',
  stateFile: '/var/lib/ballast/server-state',
  peersSocket: 'abns@ballast-golden',
  maxconn: 5000,
  engine: 2.6,
};

export function goldenCases(): GoldenCase[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(ROOT, name);
      const after = join(folder, 'after.json');
      return {
        name,
        folder,
        config: filled(join(folder, 'in.json')),
        engine:
          (JSON.parse(readFileSync(join(folder, 'in.json'), 'utf8')) as { engine?: number }).engine ?? PLACE.engine,
        ...(existsSync(after) && { after: filled(after) }),
      };
    });
}

/** The files a case must hold beside its input: what its own objects compile to, or what leads to `after.json`. */
export function expected({ name, config, after, engine }: GoldenCase): Record<string, string> {
  if (after) return { 'plan.txt': planText(config, after) };
  const { proxy, addresses, packets } = compile(config, FACTS, { ...PLACE, engine });
  const owned = (section: Section) => (name === 'empty-appliance' ? true : /^vs\d+/.test(section.name));
  const lists = Object.entries(proxy.files).filter(([file]) => file.startsWith('lists/'));
  const parts = [
    ...proxy.sections.filter(owned).map(renderSection),
    ...lists.map(([file, text]) => `# ${file}\n${text}`),
    ...(addresses.length > 0 ? [`# addresses: ${addresses.join(' ')}\n`] : []),
  ];
  const network = networkSet(config, FACTS);
  return {
    'haproxy.cfg': parts.join('\n'),
    ...networkTexts(network),
    ...(packets.services.length > 0 && {
      'packets.nft': [
        ...packets.services.map(service => serviceText('golden', service, new Map())),
        ...(packets.outbound.length > 0 ? [outboundText('golden', packets.outbound)] : []),
      ].join('\n'),
    }),
  };
}

/** The whole packet rules of a case, for nft itself. */
export const wholePackets = (config: Config): string =>
  [
    baseText('golden'),
    ...compile(config, FACTS, PLACE).packets.services.map(service => serviceText('golden', service, new Map())),
    outboundText('golden', compile(config, FACTS, PLACE).packets.outbound),
  ].join('');

/** The whole rendered set of a case, for the engine itself. */
export const wholeSet = (config: Config, engine = PLACE.engine): Record<string, string> =>
  render(compile(config, FACTS, { ...PLACE, engine }).proxy);

function planText(before: Config, after: Config): string {
  const { effect, commands } = plan(compile(before, FACTS, PLACE).proxy, compile(after, FACTS, PLACE).proxy);
  const lines = commands.map(({ line, payload }) =>
    payload === undefined ? line : `${line} << (${payload.length} bytes)`,
  );
  return [...words(before, after), '', effect, ...lines, ...networkPlan(before, after), ''].join('\n');
}

/** What systemd is told on the appliance, what iproute2 is told elsewhere, and the guard of the machine. */
function networkTexts(network: NetworkSet): Record<string, string> {
  if (JSON.stringify(network) === JSON.stringify(emptyNetwork())) return {};
  const steps = ipPlan(bare(network), network, nothingOwned()).steps.map(step => `ip ${step.join(' ')}\n`);
  return {
    'networkd.txt': filesText({ ...networkdFiles(network), ...nameFiles(network.names) }),
    ...(steps.length > 0 && { 'ip.txt': steps.join('') }),
    ...(network.guard && { 'guard.nft': guardText('golden-guard', network.guard) }),
  };
}

/** How a machine that was brought to the first is brought to the second, and what tries that out on the appliance. */
function networkPlan(before: Config, after: Config): string[] {
  const [from, to] = [networkSet(before, FACTS), networkSet(after, FACTS)];
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  const { owned } = ipPlan(bare(from), from, nothingOwned());
  const live: LiveNetwork = {
    links: from.links.map(({ name, type, mtu, bond, vlan, addresses }) => ({
      name,
      kind: type === 'port' ? '' : type,
      mtu: mtu || 1500,
      up: true,
      master: bond ?? '',
      ...(vlan && { vlan }),
      addresses,
    })),
    routes: from.routes.map(route => ({ ...route, metric: 0 })),
  };
  const added = bare(to).links.filter(link => !live.links.some(one => one.name === link.name));
  const { steps } = ipPlan({ ...live, links: [...live.links, ...added] }, to, owned);
  return ['', ...steps.map(step => `ip ${step.join(' ')}`), '', filesText(trialFiles(from, to)).trimEnd()];
}

/** A machine with the ports and nothing else. */
const bare = ({ links }: NetworkSet): LiveNetwork => ({
  links: links
    .filter(link => link.type === 'port')
    .map(({ name }) => ({ name, mtu: 1500, up: false, kind: '', master: '', addresses: [] })),
  routes: [],
});

const filesText = (files: Record<string, string>): string =>
  Object.entries(files)
    .map(([path, text]) => `==> /${path}\n${text}`)
    .join('\n');

/** Objects as people would write them: what is left out has its default, numbers are counted. */
function filled(file: string): Config {
  const partial = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object[]>;
  const config = emptyConfig();
  if (partial.settings) config.settings = [];
  for (const kind of Object.keys(kinds) as Kind[])
    for (const [at, object] of (partial[kinds[kind].list] ?? []).entries())
      (listOf(config, kind) as unknown[]).push(fill(kind, { id: at + 1, ...object }));
  return config;
}
