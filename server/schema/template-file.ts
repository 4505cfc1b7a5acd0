import Type, { type Static, type TObject, type TProperties } from 'typebox';
import { type ContentRule, contentRule } from './content-rule.ts';
import { metaOf } from './fields.ts';
import { realServer } from './real-server.ts';
import { type VirtualService, virtualService } from './virtual-service.ts';

/**
 * A template as a file: what it asks for and the services and content rules it makes of the answers. Only what differs
 * from the defaults stands in it. Every value may have a reason, which is shown before anything is made.
 */
const closed = { additionalProperties: false } as const;
const line = (title: string, maxLength: number, minLength = 0) =>
  Type.String({ title, minLength, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });
const word = (title: string) => Type.String({ title, pattern: '^[A-Za-z][A-Za-z0-9_-]{0,31}$' });

/** What a template may ask for. Servers are addresses; certificates are numbers of stored ones. */
export const inputKinds = ['address', 'hostname', 'port', 'certificate', 'servers', 'text'] as const;

const input = Type.Object(
  {
    name: word('Name of the input'),
    label: line('Label', 40, 1),
    kind: Type.Unsafe<(typeof inputKinds)[number]>({ title: 'Kind', enum: [...inputKinds] }),
    help: Type.Optional(line('Help', 255)),
    /** Taken when nothing is given. Without it the input must be given; '' or no number makes it optional. */
    default: Type.Optional(Type.Union([line('Default', 255), Type.Integer({ minimum: 0, maximum: 65_535 })])),
  },
  { ...closed, title: 'Input' },
);

/** Properties of a service or server that a file can state: no numbers of objects, which mean something on one appliance only. */
const stated = (properties: TProperties, title: string): TObject =>
  Type.Object(
    Object.fromEntries(
      Object.entries(properties)
        .filter(([, schema]) => !metaOf(schema).refers && !metaOf(schema).secret && metaOf(schema).kind !== 'id')
        .map(([name, schema]) => {
          const { default: _, ...rest } = schema as { default?: unknown };
          return [name, Type.Optional(rest as never)];
        }),
    ),
    { ...closed, title },
  );

const names = Type.Record(
  Type.String(),
  Type.Union([line('Name', 64, 1), Type.Array(line('Name', 64, 1), { maxItems: 1024 })]),
);
const from = Type.Record(Type.String(), word('Name of an input'));
const reasons = Type.Record(Type.String(), line('Reason', 500));

const servers = Type.Object(
  {
    /** The input that lists their addresses. */
    from: word('Name of an input'),
    /** Where they listen: a number, the name of an input, or left out for the service's own port. */
    port: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), word('Name of an input')], { title: 'Port' }),
    ),
    values: Type.Optional(Type.Unsafe<Record<string, unknown>>(stated(realServer.properties, 'Real Server'))),
    named: Type.Optional(names),
    reason: Type.Optional(line('Reason', 500)),
  },
  { ...closed, title: 'Real Servers' },
);

const service = {
  /** For other services of the template that refer to this one. */
  key: Type.Optional(word('Key')),
  values: Type.Unsafe<Partial<VirtualService>>(stated(virtualService.properties, 'Virtual Service')),
  /** Properties that take the value of an input. */
  from: Type.Optional(from),
  /** Properties that name other objects: content rules, authorities, cipher sets; for other services, their keys here. */
  named: Type.Optional(names),
  reasons: Type.Optional(reasons),
  servers: Type.Optional(servers),
};
const subService = Type.Object(service, { ...closed, title: 'SubVS' });

const rule = { ...stated(contentRule.properties, 'Content Rule'), required: ['name'] };

export const templateFile = Type.Object(
  {
    format: Type.Literal('ballast-template'),
    version: Type.Literal(1),
    name: line('Name', 64, 1),
    comment: line('Comment', 255),
    /** What to do before or after, shown with the preview. */
    notes: Type.Optional(Type.Array(line('Note', 500, 1), { maxItems: 20 })),
    inputs: Type.Array(input, { maxItems: 30 }),
    rules: Type.Optional(Type.Unsafe<TemplateRule[]>({ type: 'array', items: rule, maxItems: 256 })),
    services: Type.Array(
      Type.Object(
        { ...service, subServices: Type.Optional(Type.Array(subService, { maxItems: 64 })) },
        { ...closed, title: 'Virtual Service' },
      ),
      { minItems: 1, maxItems: 32 },
    ),
  },
  { ...closed, title: 'Template' },
);

/** A content rule without a number; what is left out has its default. */
export type TemplateRule = { name: string } & Partial<Omit<ContentRule, 'id'>>;
export type TemplateFile = Static<typeof templateFile>;
export type TemplateInput = Static<typeof input>;
export type TemplateService = Static<typeof subService> & { subServices?: Static<typeof subService>[] };
export type TemplateServers = Static<typeof servers>;

/** What a person gives: texts, a port, numbers of certificates, addresses of servers. */
export type TemplateAnswers = Record<string, string | number | string[] | number[]>;

export const templateAnswers = Type.Record(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,31}$' }),
  Type.Union([
    line('Input', 1024),
    Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
    Type.Array(line('Input', 64, 1), { maxItems: 1024 }),
    Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 256 }),
  ]),
  { title: 'Inputs' },
);
