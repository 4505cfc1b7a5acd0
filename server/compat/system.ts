import { hostname, uptime } from 'node:os';
import { patchSettings } from '../api/handlers/settings.ts';
import { validated } from '../api/validated.ts';
import { type Config, kinds, settingsOf } from '../schema/config.ts';
import { patchOf } from '../schema/derive.ts';
import { type FieldMeta, metaOf } from '../schema/fields.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { decoded, encoded, readValue } from './decode.ts';
import { type Data, done, type Reply, type Value, YesNo } from './reply.ts';
import { own, Params, Refused } from './wire.ts';

/** Ballast's own version in the form a.b.c.d.build.RELEASE that clients take apart. */
export const versionOf = (version: string): string => `${version.replace(/[^0-9.].*$/, '')}.0.0.RELEASE`;

const patch = patchOf('settings');
interface Entry {
  property: string;
  name: string;
  meta: FieldMeta;
}
const entries: readonly Entry[] = Object.entries(kinds.settings.schema.properties as Record<string, object>).flatMap(
  ([property, schema]) => {
    const meta = metaOf(schema);
    return meta.compat === undefined ? [] : [{ property, name: meta.compat, meta }];
  },
);
const byName = new Map(entries.map(entry => [entry.name.toLowerCase(), entry]));
/** What stands for a secret: that there is one, and not how long it is. */
const MASK = '********';
/** Lists that version 2 shows as arrays. */
const ARRAYS = ['nameserver'];

/** Parameters that are no setting of ours: what a client must find there, fixed and honest. */
const fixed: Record<string, (ask: Ask, config: Config) => Value> = {
  version: ({ services }) => versionOf(services.version),
  serialnumber: () => '0000000',
  boottime: () => new Date(Date.now() - uptime() * 1000).toUTCString(),
  activetime: () => new Date(Date.now() - process.uptime() * 1000).toUTCString(),
  time: () => new Date().toUTCString(),
  hastatus: () => 'Single',
  autosave: () => new YesNo(true),
  apiport: ({ services }) => services.facts.managementPort,
  wuiport: ({ services }) => services.facts.managementPort,
  wuiaccess: () => new YesNo(true),
  sessioncontrol: () => new YesNo(true),
  sessionbasicauth: () => new YesNo(false),
  adminclientaccess: () => 0,
  nonlocalrs: () => new YesNo(true),
  admincert: () => 'No Admin Certificate assigned',
};

function valueIn(entry: Entry, ask: Ask, config: Config): Value {
  const stored = settingsOf(config)[entry.property as never] as unknown;
  if (entry.meta.secret) return stored === '' ? '' : MASK;
  if (entry.name === 'hostname' && stored === '') return hostname();
  if (typeof stored === 'boolean') return new YesNo(stored);
  if (Array.isArray(stored)) {
    if (ARRAYS.includes(entry.name)) return ask.version === 2 ? (stored as string[]) : stored.join(',');
    return stored.join(' ');
  }
  const value = encoded(stored, entry.meta);
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
}

function get(ask: Ask): Reply {
  const name = ask.params.need('param');
  const config = treeOf(ask);
  const entry = byName.get(name.toLowerCase());
  const always = own(fixed, name.toLowerCase());
  if (!entry && !always) throw new Refused(422, 'Unknown parameter value');
  return { data: { [name]: entry ? valueIn(entry, ask, config) : always?.(ask, config) } };
}

async function set(ask: Ask): Promise<Reply> {
  const { params } = ask;
  const name = params.need('param');
  const value = params.get('value', 'val');
  if (value === undefined) throw new Refused(400, 'value: String Value missing');
  const entry = byName.get(name.toLowerCase());
  if (!entry) {
    const now = own(fixed, name.toLowerCase())?.(ask, treeOf(ask));
    if (now === undefined) throw new Refused(422, 'Unknown parameter value');
    // What is so already may be asked for; anything else cannot be had.
    const same =
      now instanceof YesNo
        ? ['y', 'yes', '1', 'true'].includes(value.toLowerCase()) === now.value
        : String(now) === value;
    if (!same) throw new Refused(422, `${name}: cannot be changed on Ballast`);
    return done;
  }
  params.given.set(entry.property, name);
  await patchSettings(callOf(ask, 0, validated(patch, { [entry.property]: readValue(value, entry.meta, name) })));
  return done;
}

const everything = (ask: Ask): Data => {
  const config = treeOf(ask);
  return Object.fromEntries([
    ...Object.entries(fixed).map(([name, read]) => [name, read(ask, config)] as const),
    ...entries.map(entry => [entry.name, valueIn(entry, ask, config)] as const),
  ]);
};

const HEALTH = ['RetryInterval', 'Timeout', 'RetryCount'];
const ADAPTIVE = ['AdaptiveURL', 'AdaptivePort', 'AdaptiveInterval', 'MinPercent'];

/** Some settings as one object. Names that differ from those of `get` are told by `alias`. */
function group(names: readonly string[], asText: boolean, alias: Readonly<Record<string, string>> = {}) {
  const show = (ask: Ask): Reply => {
    const config = treeOf(ask);
    return {
      data: Object.fromEntries(
        names.map(name => {
          const entry = byName.get((alias[name] ?? name).toLowerCase());
          const value = entry && valueIn(entry, ask, config);
          return [name, asText ? String(value) : value];
        }),
      ),
    };
  };
  const change = async (ask: Ask): Promise<Reply> => {
    const wanted = new Params();
    for (const name of names) {
      const value = ask.params.get(name);
      if (value !== undefined) wanted.set(alias[name] ?? name, value);
    }
    const body = decoded('settings', wanted, treeOf(ask));
    for (const [property, name] of wanted.given)
      ask.params.given.set(property, Object.keys(alias).find(each => alias[each] === name) ?? name);
    if (Object.keys(body).length > 0) await patchSettings(callOf(ask, 0, validated(patch, body)));
    return show(ask);
  };
  return { show, change };
}

const health = group(HEALTH, true);
const adaptive = group(ADAPTIVE, false, { MinPercent: 'AdaptiveMinPercent' });

function licence({ services }: Ask): Data {
  return {
    uuid: '00000000-0000-0000-0000-000000000000',
    LicenseType: 'Apache-2.0',
    LicenseStatus: 'Valid',
    LicensedUntil: 'unlimited',
    SupportLevel: 'community',
    ApplianceModel: `Ballast ${services.version}`,
  };
}

export const systemCommands: Readonly<Record<string, Command>> = {
  get: { role: 'read-only', about: 'One parameter of the appliance.', params: ['param'], run: get },
  set: { role: 'administrator', about: 'Set a parameter.', params: ['param', 'value'], run: set },
  getall: { role: 'read-only', about: 'Every parameter.', params: [], run: ask => ({ data: everything(ask) }) },
  showhealth: { role: 'read-only', about: 'How servers are checked.', params: [], run: health.show },
  modhealth: {
    role: 'administrator',
    about: 'Change how servers are checked.',
    params: HEALTH.map(name => `${name}?`),
    run: health.change,
  },
  showadaptive: { role: 'read-only', about: 'How servers are asked for their load.', params: [], run: adaptive.show },
  modadaptive: {
    role: 'administrator',
    about: 'Change how servers are asked for their load.',
    params: ADAPTIVE.map(name => `${name}?`),
    run: adaptive.change,
  },
  licenseinfo: { role: 'read-only', about: 'The licence.', params: [], run: ask => ({ data: licence(ask) }) },
  '360/licenseinfo': { role: 'read-only', about: 'The licence.', params: [], run: ask => ({ data: licence(ask) }) },
};
