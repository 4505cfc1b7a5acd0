import Type, { type TSchema } from 'typebox';
import type { Kind, ObjectOf } from './config.ts';
import { createOf, patchOf, viewOf } from './derive.ts';
import type { Changed, Tag } from './endpoints.ts';

/** Kinds of objects that are listed, made, changed and deleted like each other: a name, properties, nothing below them. */
export const plainKinds = {
  authority: {
    one: 'Authority',
    many: 'Authorities',
    path: '/api/authorities',
    tag: 'Certificates',
    what: 'authority',
  },
  cipherSet: {
    one: 'CipherSet',
    many: 'CipherSets',
    path: '/api/cipher-sets',
    tag: 'Certificates',
    what: 'cipher set',
  },
  acmeAccount: {
    one: 'AcmeAccount',
    many: 'AcmeAccounts',
    path: '/api/acme-accounts',
    tag: 'Certificates',
    what: 'ACME account',
  },
  contentRule: {
    one: 'ContentRule',
    many: 'ContentRules',
    path: '/api/content-rules',
    tag: 'Content Rules',
    what: 'content rule',
  },
  interface: {
    one: 'Interface',
    many: 'Interfaces',
    path: '/api/interfaces',
    tag: 'Network',
    what: 'interface',
  },
  route: {
    one: 'Route',
    many: 'Routes',
    path: '/api/routes',
    tag: 'Network',
    what: 'route',
  },
  wafFile: {
    one: 'WafFile',
    many: 'WafFiles',
    path: '/api/waf-files',
    tag: 'Virtual Services',
    what: 'WAF file',
  },
} as const satisfies Partial<Record<Kind, { one: string; many: string; path: string; tag: Tag; what: string }>>;

export type PlainKind = keyof typeof plainKinds;
type One<K extends PlainKind> = (typeof plainKinds)[K]['one'];
type Many<K extends PlainKind> = (typeof plainKinds)[K]['many'];

interface Call<M extends string, R extends string, Reply, Body = never> {
  method: M;
  path: string;
  role: R;
  tag: Tag;
  summary: string;
  writes?: true;
  limit?: number;
  reply: ReturnType<typeof Type.Unsafe<Reply>>;
  body: [Body] extends [never] ? never : ReturnType<typeof Type.Unsafe<Body>>;
}
type Without<C> = Omit<C, 'body'>;

/** The five calls of a plain kind, such as listContentRules, getContentRule, createContentRule, patch…, delete…. */
export type CrudOf<K extends PlainKind> = {
  [N in `list${Many<K>}`]: Without<Call<'GET', 'read-only', ObjectOf[K][]>>;
} & {
  [N in `get${One<K>}`]: Without<Call<'GET', 'read-only', ObjectOf[K]>>;
} & {
  [N in `create${One<K>}`]: Call<
    'POST',
    'administrator',
    Changed<ObjectOf[K]>,
    Partial<Omit<ObjectOf[K], 'id'>> & (ObjectOf[K] extends { name: string } ? { name: string } : unknown)
  >;
} & {
  [N in `patch${One<K>}`]: Call<'PATCH', 'administrator', Changed<ObjectOf[K]>, Partial<Omit<ObjectOf[K], 'id'>>>;
} & {
  [N in `delete${One<K>}`]: Without<Call<'DELETE', 'administrator', Changed>>;
};

export function crudOf<K extends PlainKind>(kind: K, limit = 65_536): CrudOf<K> {
  const { one, many, path, tag, what } = plainKinds[kind];
  const changed: TSchema = Type.Unsafe({
    type: 'object',
    additionalProperties: true,
    description: `Changed, with the ${what}`,
  });
  const view = viewOf(kind);
  const common = { role: 'administrator', tag, writes: true } as const;
  return {
    [`list${many}`]: {
      method: 'GET',
      path,
      role: 'read-only',
      tag,
      summary: `Every ${what}.`,
      reply: Type.Unsafe({ type: 'array', items: view }),
    },
    [`get${one}`]: { method: 'GET', path: `${path}/:id`, role: 'read-only', tag, summary: `One ${what}.`, reply: view },
    [`create${one}`]: {
      ...common,
      method: 'POST',
      path,
      summary: `Add: ${what}.`,
      body: createOf(kind),
      reply: changed,
      limit,
    },
    [`patch${one}`]: {
      ...common,
      method: 'PATCH',
      path: `${path}/:id`,
      summary: 'Change properties; what is not named stays.',
      body: patchOf(kind),
      reply: changed,
      limit,
    },
    [`delete${one}`]: {
      ...common,
      method: 'DELETE',
      path: `${path}/:id`,
      summary: `Delete: ${what}, when nothing uses it.`,
      reply: changed,
    },
  } as unknown as CrudOf<K>;
}
