import { type Config, type Kind, kinds, type ObjectOf } from './config.ts';
import { editsBetween, listOf } from './derive.ts';
import { type FieldMeta, metaOf } from './fields.ts';
import { endpoint } from './rules.ts';

/** What a change is, a sentence per object: `Changed Virtual Service “web”: Port 80 → 8080`. Secrets and PEM are never printed. */
export function words(before: Config, after: Config): string[] {
  return editsBetween(before, after).map(edit => {
    const old = edit.op === 'create' ? undefined : listOf(before, edit.kind).find(object => object.id === edit.id);
    const now = edit.op === 'delete' ? undefined : edit.value;
    const subject = `${kinds[edit.kind].label} ${titleIn(edit.kind, (now ?? old) as ObjectOf[Kind], now ? after : before)}`;
    if (!old) return `Added ${subject}`;
    if (!now) return `Deleted ${subject}`;
    return `Changed ${subject}: ${changes(edit.kind, old, now, before, after).join(', ')}`;
  });
}

/** How people see an object: its name, or where it listens. */
export function titleIn(kind: Kind, object: ObjectOf[Kind], config: Config): string {
  if (kind === 'settings') return 'of the appliance';
  if (kind === 'virtualService') {
    const vs = object as ObjectOf['virtualService'];
    return vs.name ? `“${vs.name}”` : endpoint(vs.address, vs.port);
  }
  if (kind === 'route') {
    const { destination, gateway } = object as ObjectOf['route'];
    return `to ${destination} by ${gateway}`;
  }
  if (kind !== 'realServer') return `“${(object as { name: string }).name}”`;
  const rs = object as ObjectOf['realServer'];
  const vs = config.virtualServices.find(service => service.id === rs.virtualService);
  return `${endpoint(rs.address, rs.port)}${vs ? ` of ${titleIn('virtualService', vs, config)}` : ''}`;
}

function changes(kind: Kind, old: ObjectOf[Kind], now: ObjectOf[Kind], before: Config, after: Config): string[] {
  return Object.entries(kinds[kind].schema.properties).flatMap(([name, schema]) => {
    const meta = metaOf(schema);
    const from = old[name as keyof typeof old] as unknown;
    const to = now[name as keyof typeof now] as unknown;
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    if (meta.secret || meta.kind === 'longText') return [`${meta.label} replaced`];
    return [`${meta.label} ${said(meta, from, before)} → ${said(meta, to, after)}`];
  });
}

/** A value as people read it. */
export function said(meta: FieldMeta, value: unknown, config: Config): string {
  if (meta.kind === 'flag') return value ? 'on' : 'off';
  if (meta.kind === 'choice') return meta.options?.find(option => option.value === value)?.label ?? String(value);
  if (meta.kind === 'seconds') return `${value} s`;
  if (meta.refers && Array.isArray(value)) return value.map(id => referred(meta, id, config)).join(', ') || 'none';
  if (meta.refers) return referred(meta, value, config);
  if (Array.isArray(value)) return value.join(', ') || 'none';
  return value === '' ? 'empty' : String(value);
}

function referred(meta: FieldMeta, id: unknown, config: Config): string {
  const kind = meta.refers as Kind;
  if (id === 0) return 'none';
  const object = listOf(config, kind).find(candidate => candidate.id === id);
  return object ? titleIn(kind, object, config) : `number ${id}`;
}
