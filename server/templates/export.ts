import { type Config, kinds } from '../schema/config.ts';
import { listOf } from '../schema/derive.ts';
import { metaOf } from '../schema/fields.ts';
import type { RealServer } from '../schema/real-server.ts';
import { endpoint } from '../schema/rules.ts';
import type { TemplateFile, TemplateInput, TemplateRule, TemplateService } from '../schema/template-file.ts';
import type { VirtualService } from '../schema/virtual-service.ts';

type Schema = { default?: unknown; type?: string };

/**
 * A service with its SubVSs and the content rules it uses as a template that asks for address, certificates and servers.
 * Addresses and certificates stay here: a template goes to other appliances. Other objects are named by their name.
 */
export function exported(vs: VirtualService, config: Config): TemplateFile {
  const rules = new Map<string, TemplateRule>();
  const subs = config.virtualServices.filter(each => each.parent === vs.id);
  const serviceOf = (each: VirtualService): TemplateService => partOf(each, config, rules);
  const whole: TemplateService = { ...serviceOf(vs), ...(subs.length > 0 && { subServices: subs.map(serviceOf) }) };
  const used = [whole, ...(whole.subServices ?? [])].flatMap(each => [
    ...Object.values(each.from ?? {}),
    ...(each.servers ? [each.servers.from] : []),
  ]);
  const name = vs.name || endpoint(vs.address, vs.port);
  return {
    format: 'ballast-template',
    version: 1,
    name,
    comment: `Exported from ${name}.`.slice(0, 255),
    inputs: asked.filter(input => used.includes(input.name)),
    ...(rules.size > 0 && { rules: [...rules.values()] }),
    services: [whole],
  };
}

const asked: readonly TemplateInput[] = [
  { name: 'address', label: 'Virtual Address', kind: 'address', help: 'The address clients connect to.' },
  {
    name: 'servers',
    label: 'Real Servers',
    kind: 'servers',
    help: 'Addresses of the servers, one a line, with a port where it is another.',
    default: '',
  },
  {
    name: 'alternateAddress',
    label: 'Alternate Address',
    kind: 'address',
    help: 'A second address of the same service. Empty: none.',
    default: '',
  },
  {
    name: 'sorryAddress',
    label: 'Sorry Server',
    kind: 'address',
    help: 'Takes requests while no Real Server can.',
  },
  {
    name: 'certificates',
    label: 'Certificates',
    kind: 'certificate',
    help: 'Shown to clients, the first to all that name no host.',
  },
  {
    name: 'serverCertificate',
    label: 'Certificate shown to servers',
    kind: 'certificate',
    help: 'For servers that ask for one.',
    default: '',
  },
];

/** What another appliance must be told, and from which input. */
const SOURCES: Record<string, string> = {
  address: 'address',
  alternateAddress: 'alternateAddress',
  sorryAddress: 'sorryAddress',
  certificates: 'certificates',
  serverCertificate: 'serverCertificate',
};

/** Stated by where a service stands in the file. */
const PLACED = new Set(['id', 'parent']);

function partOf(vs: VirtualService, config: Config, rules: Map<string, TemplateRule>): TemplateService {
  const sub = vs.parent !== 0;
  const values: Record<string, unknown> = {};
  const from: Record<string, string> = {};
  const named: Record<string, string | string[]> = {};
  for (const [name, schema] of properties('virtualService')) {
    const value = vs[name as keyof VirtualService] as unknown;
    if (
      PLACED.has(name) ||
      metaOf(schema).secret ||
      (sub && (name === 'address' || name === 'port')) ||
      isDefault(schema, value)
    )
      continue;
    if (SOURCES[name]) from[name] = SOURCES[name];
    else if (metaOf(schema).refers) {
      const names = namesOf(schema, value, config, rules);
      if (names) named[name] = names;
    } else values[name] = value;
  }
  const servers = config.realServers.filter(rs => rs.virtualService === vs.id);
  const parent = config.virtualServices.some(each => each.parent === vs.id);
  return {
    values,
    ...(Object.keys(from).length > 0 && { from }),
    ...(Object.keys(named).length > 0 && { named }),
    ...(!parent && (servers.length > 0 || vs.unavailableAction !== 'redirect') && { servers: serversOf(servers, vs) }),
  };
}

/** Where the servers listen and what all of them have in common. */
function serversOf(servers: readonly RealServer[], vs: VirtualService): NonNullable<TemplateService['servers']> {
  const [first] = servers;
  if (!first) return { from: 'servers' };
  const counts = new Map<number, number>();
  for (const { port } of servers) counts.set(port, (counts.get(port) ?? 0) + 1);
  const port = [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? vs.port;
  const values = Object.fromEntries(
    properties('realServer')
      .filter(([name, schema]) => {
        const value = first[name as keyof RealServer];
        const own = name === 'address' || name === 'port' || name === 'state' || metaOf(schema).refers || name === 'id';
        return !own && !isDefault(schema, value) && servers.every(each => same(each[name as keyof RealServer], value));
      })
      .map(([name]) => [name, first[name as keyof RealServer]]),
  );
  return {
    from: 'servers',
    ...(port !== vs.port && { port }),
    ...(Object.keys(values).length > 0 && { values }),
  };
}

/** Names of the objects a property refers to; content rules come along in the file. Undefined for other services, which do not. */
function namesOf(schema: Schema, value: unknown, config: Config, rules: Map<string, TemplateRule>) {
  const { refers } = metaOf(schema);
  if (!refers || refers === 'virtualService' || refers === 'realServer') return undefined;
  const objects = [value]
    .flat()
    .flatMap(id => (listOf(config, refers) as { id: number; name: string }[]).find(each => each.id === id) ?? []);
  if (refers === 'contentRule')
    for (const rule of objects) if (!rules.has(rule.name)) rules.set(rule.name, stated(rule as never));
  const names = objects.map(({ name }) => name);
  return schema.type === 'array' ? names : names[0];
}

/** A rule without what has its default. */
const stated = (rule: Config['contentRules'][number]): TemplateRule =>
  Object.fromEntries(
    properties('contentRule')
      .filter(([name, schema]) => name !== 'id' && !isDefault(schema, rule[name as keyof typeof rule]))
      .map(([name]) => [name, rule[name as keyof typeof rule]]),
  ) as unknown as TemplateRule;

const properties = (kind: 'virtualService' | 'realServer' | 'contentRule') =>
  Object.entries(kinds[kind].schema.properties as Record<string, Schema>);

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const isDefault = ({ default: usual }: Schema, value: unknown) => usual !== undefined && same(usual, value);
