import Type, { type TSchemaOptions } from 'typebox';

/**
 * What a person or a client is told of a property, beside its type. Rides on the JSON Schema under the
 * keyword `x-field`, so validation, OpenAPI, forms and the compatible API all read the same entry.
 */
export interface FieldMeta {
  /** Which control draws it and how a value is printed. */
  kind: FieldKind;
  label: string;
  /** Product text: shown in the console, in OpenAPI and in the wizard. */
  help: string;
  group: FieldGroup;
  /** Parameter name of the LoadMaster API, where there is one. */
  compat?: string;
  /** For a choice: what each value is called on screen, and its value on the wire of the LoadMaster API. */
  options?: readonly Option[];
  unit?: 'seconds' | 'connections' | 'per second' | 'percent' | 'kbit/s' | 'MB';
  /** For a reference: the kind of object it names. */
  refers?: KindName;
  /** Never leaves the appliance: not in a view, not in a log. */
  secret?: boolean;
}

/** The kinds of objects a configuration holds; config.ts has a schema for each. */
export type KindName =
  | 'virtualService'
  | 'realServer'
  | 'certificate'
  | 'authority'
  | 'cipherSet'
  | 'acmeAccount'
  | 'contentRule'
  | 'template'
  | 'interface'
  | 'route'
  | 'wafFile'
  | 'settings';

export interface Option {
  value: string | number;
  label: string;
  compat?: string;
}

export type FieldKind =
  | 'flag'
  | 'choice'
  | 'number'
  | 'seconds'
  | 'port'
  | 'address'
  | 'text'
  | 'longText'
  | 'lines'
  | 'refs'
  | 'ref'
  | 'secret'
  | 'id';

export type FieldGroup =
  | 'basic'
  | 'standard'
  | 'ssl'
  | 'advanced'
  | 'limits'
  | 'unavailable'
  | 'health'
  | 'l7'
  | 'cache'
  | 'access'
  | 'gateways'
  | 'names'
  | 'time'
  | 'management'
  | 'ha'
  | 'backup'
  | 'syslog'
  | 'email'
  | 'content';

type Base = Omit<FieldMeta, 'kind' | 'options' | 'refers' | 'secret'>;

const options = (meta: FieldMeta, more: TSchemaOptions): TSchemaOptions => ({
  title: meta.label,
  description: meta.help,
  'x-field': meta,
  ...more,
});

const split = <T extends Base, D>(o: T & { default: D }): { meta: Base; value: D } => {
  const { label, help, group, compat, unit } = o;
  return { meta: { label, help, group, ...(compat && { compat }), ...(unit && { unit }) }, value: o.default };
};

/**
 * What no name may hold, for a class of an ECMAScript expression: controls, line separators, and the marks that turn
 * the direction of what follows or are not seen at all, by which one name could look like another.
 */
export const UNSEEN =
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb';

/** On or off. */
export function flag(o: Base & { default: boolean }) {
  const { meta, value } = split(o);
  return Type.Boolean(options({ ...meta, kind: 'flag' }, { default: value }));
}

/** One of a fixed list of words or numbers. */
export function choice<const O extends readonly Option[]>(o: Base & { default: O[number]['value']; options: O }) {
  const { meta, value } = split(o);
  return Type.Unsafe<O[number]['value']>({
    enum: o.options.map(option => option.value),
    ...options({ ...meta, kind: 'choice', options: o.options }, { default: value }),
  });
}

/** A whole number within limits, both included. */
export function whole(o: Base & { default: number; min: number; max: number }) {
  const { meta, value } = split(o);
  return Type.Integer(options({ ...meta, kind: 'number' }, { default: value, minimum: o.min, maximum: o.max }));
}

/** A duration in whole seconds. */
export function seconds(o: Base & { default: number; min: number; max: number }) {
  const { meta, value } = split(o);
  return Type.Integer(
    options({ ...meta, unit: 'seconds', kind: 'seconds' }, { default: value, minimum: o.min, maximum: o.max }),
  );
}

/** A TCP or UDP port; a minimum of 0 where 0 has a meaning of its own, told in the help. */
export function port(o: Base & { default?: number; min?: number }) {
  const { meta, value } = split({ ...o, default: o.default });
  return Type.Integer(
    options(
      { ...meta, kind: 'port' },
      { ...(value !== undefined && { default: value }), minimum: o.min ?? 1, maximum: 65535 },
    ),
  );
}

/** An IPv4 or IPv6 address in text form; rules.ts says which addresses make sense where. */
export function address(o: Base) {
  const { meta } = split({ ...o, default: undefined });
  return Type.String(options({ ...meta, kind: 'address' }, { minLength: 2, maxLength: 45, format: 'ip' }));
}

/** One line of text without control characters. `pattern` narrows it, as an ECMAScript expression. */
export function text(o: Base & { default?: string; min?: number; max: number; pattern?: string }) {
  const { meta, value } = split({ ...o, default: o.default });
  return Type.String(
    options(
      { ...meta, kind: 'text' },
      {
        ...(value !== undefined && { default: value }),
        minLength: o.min ?? 0,
        maxLength: o.max,
        pattern: o.pattern ?? ONE_LINE,
      },
    ),
  );
}

/** Several lines of text: tabs and line feeds allowed, no other control character. */
export function longText(o: Base & { default: string; max: number }) {
  const { meta, value } = split(o);
  return Type.String(
    options(
      { ...meta, kind: 'longText' },
      { default: value, maxLength: o.max, pattern: '^(?:[^\\u0000-\\u001f\\u007f]|[\\t\\n])*$' },
    ),
  );
}

/** Ids of other objects, in an order that matters, none twice. */
export function refs(o: Base & { refers: NonNullable<FieldMeta['refers']>; max: number }) {
  const { meta } = split({ ...o, default: undefined });
  return Type.Array(Type.Integer({ minimum: 1 }), {
    ...options({ ...meta, kind: 'refs', refers: o.refers }, { default: [] }),
    maxItems: o.max,
    uniqueItems: true,
  });
}

/** The id of one other object. */
export function ref(o: Base & { refers: NonNullable<FieldMeta['refers']> }) {
  const { meta } = split({ ...o, default: undefined });
  return Type.Integer(options({ ...meta, kind: 'ref', refers: o.refers }, { minimum: 1 }));
}

/** The id of one other object, or 0 for none. */
export function optionalRef(o: Base & { refers: NonNullable<FieldMeta['refers']> }) {
  const { meta } = split({ ...o, default: 0 });
  return Type.Integer(options({ ...meta, kind: 'ref', refers: o.refers }, { default: 0, minimum: 0 }));
}

/** Lines of text, each of the same shape, in an order that may matter; edited as text, one to a line. */
export function lines(o: Base & { max: number; longest: number; pattern?: string }) {
  const { meta } = split({ ...o, default: undefined });
  return Type.Array(Type.String({ minLength: 1, maxLength: o.longest, pattern: o.pattern ?? NO_CONTROLS }), {
    ...options({ ...meta, kind: 'lines' }, { default: [] }),
    maxItems: o.max,
    uniqueItems: true,
  });
}

/** PEM text that must never be shown: kept out of views and logs by `viewOf`. */
export function secret(o: Base & { max: number }) {
  const { meta } = split({ ...o, default: '' });
  return Type.String(
    options({ ...meta, kind: 'secret', secret: true }, { default: '', maxLength: o.max, writeOnly: true }),
  );
}

/** An object's number: given by the store, never reused, the only name that appears in engine files. */
export function id() {
  return Type.Integer(
    options(
      { kind: 'id', label: 'Number', help: 'Given by Ballast and never used again.', group: 'basic' },
      { minimum: 1, readOnly: true },
    ),
  );
}

/** Reads the metadata of a property's schema; throws when a property was written without a field kind. */
export function metaOf(schema: object): FieldMeta {
  const meta = (schema as { 'x-field'?: FieldMeta })['x-field'];
  if (!meta) throw new Error('a property without x-field: use a kind of fields.ts');
  return meta;
}

const NO_CONTROLS = '^[^\\u0000-\\u001f\\u007f]*$';
const ONE_LINE = `^[^${UNSEEN}]*$`;
