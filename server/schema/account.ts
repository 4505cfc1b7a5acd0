import Type, { type Static } from 'typebox';

/** What a user may do. Each role may do all that the ones before it may. */
export const roles = ['read-only', 'operator', 'administrator'] as const;

export type Role = (typeof roles)[number];

/**
 * What a user of the LoadMaster API may do beside the role, as tools written for one give it: there it is a set of words.
 * `root` is the role of an administrator, `real` alone that of an operator.
 */
export const permissions = [
  'real',
  'vs',
  'addvs',
  'rules',
  'backup',
  'certs',
  'cert3',
  'certbackup',
  'users',
  'geo',
] as const;

export type Permission = (typeof permissions)[number];

export const roleSchema = Type.Unsafe<Role>({
  enum: [...roles],
  title: 'Role',
  description:
    'Read-only sees everything but secrets. An operator also enables, disables and drains. An administrator does everything.',
});

export const userName = Type.String({
  title: 'User name',
  pattern: '^[a-z][a-z0-9._-]{1,31}$',
  minLength: 2,
  maxLength: 32,
  description: 'Lower-case letters, digits, dot, dash and underscore, a letter first.',
});

/** Milliseconds without a call after which a session ends (ASVS 5.0, 7.3.1). */
export const sessionIdle = 30 * 60_000;

/** 12 characters at least (ASVS 5.0, 6.2.1 asks for 8); anything printable; no composition rules. */
export const password = Type.String({ title: 'Password', minLength: 1, maxLength: 256 });

export const minPasswordLength = 12;

export const user = Type.Object(
  {
    name: userName,
    role: roleSchema,
    enabled: Type.Boolean(),
    mustChangePassword: Type.Boolean(),
    lastLogin: Type.Union([Type.Integer(), Type.Null()], { description: 'Milliseconds since 1970.' }),
  },
  { additionalProperties: false, title: 'User' },
);
export type User = Static<typeof user>;

export const apiKey = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    user: Type.String(),
    role: roleSchema,
    created: Type.Integer(),
    lastUsed: Type.Union([Type.Integer(), Type.Null()]),
  },
  { additionalProperties: false, title: 'API key' },
);
export type ApiKey = Static<typeof apiKey>;

export const session = Type.Object(
  {
    user: Type.String(),
    role: roleSchema,
    mustChangePassword: Type.Boolean(),
    lastLogin: Type.Union([Type.Integer(), Type.Null()]),
    failedSince: Type.Integer({ description: 'Failed log-ins of this user since the last good one.' }),
    hostName: Type.String(),
    version: Type.String(),
  },
  { additionalProperties: false, title: 'Session' },
);
export type Session = Static<typeof session>;
