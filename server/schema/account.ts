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

const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
];
const FIRST_GUESSES =
  /^(?:admin(?:istrator)?|ballast|bal|changeme|iloveyou|kemp|letmein|loadmaster|passw(?:or[dt]|0rd)|passphrase|qwert[yz]|secret|welcome|1fourall|[^\p{L}])+$/iu;

/** Why a password of enough characters would be guessed all the same; undefined when nothing speaks against it. */
export function whyGuessable(password: string, name: string): string | undefined {
  const small = password.toLowerCase();
  if (name.length > 2 && small.replaceAll(name.toLowerCase(), '').length < minPasswordLength / 2)
    return 'little more than the user name';
  if (/^(.{1,4})\1+$/u.test(small)) return 'the same again and again';
  const runs = RUNS.flatMap(run => [run, [...run].reverse().join('')]);
  if (runs.some(run => run.includes(small) || small.length - longestOf(small, run) < 4)) return 'a row of keys';
  if (/\p{L}/u.test(password) && FIRST_GUESSES.test(password)) return 'among the first that anybody tries';
  return undefined;
}

/** How many characters of the text at most are a part of the run. */
function longestOf(text: string, run: string): number {
  let longest = 0;
  for (let from = 0; from < text.length; from++)
    while (run.includes(text.slice(from, from + longest + 1)) && from + longest < text.length) longest++;
  return longest;
}

export const permissionList = Type.Array(Type.Unsafe<Permission>({ enum: [...permissions] }), {
  title: 'LoadMaster API permissions',
  description:
    'What the user may do by the LoadMaster API beside the role. The console and the native API go by the role.',
  uniqueItems: true,
});

/** In words, for whoever gives them. */
export const permissionWords: Readonly<Record<Permission, string>> = {
  real: 'Real Servers: enable and disable',
  vs: 'Virtual Services',
  addvs: 'Virtual Services: add and delete',
  rules: 'Rules',
  backup: 'System backup',
  certs: 'Certificate creation',
  cert3: 'Intermediate certificates',
  certbackup: 'Certificate backup',
  users: 'User administration',
  geo: 'GEO control (nothing here)',
};

export const user = Type.Object(
  {
    name: userName,
    role: roleSchema,
    enabled: Type.Boolean(),
    mustChangePassword: Type.Boolean(),
    lastLogin: Type.Union([Type.Integer(), Type.Null()], { description: 'Milliseconds since 1970.' }),
    permissions: permissionList,
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
    expires: Type.Union([Type.Integer(), Type.Null()], { description: 'Milliseconds since 1970; null: never.' }),
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

/** A log-in that is open somewhere. */
export const openSession = Type.Object(
  {
    id: Type.Integer(),
    user: Type.String(),
    created: Type.Integer(),
    used: Type.Integer({ description: 'When it was last used, to a minute.' }),
    address: Type.String({ description: 'Where the log-in came from; empty when it is not known.' }),
    agent: Type.String({ description: 'What the browser calls itself.' }),
    current: Type.Boolean({ description: 'The one that asks.' }),
  },
  { additionalProperties: false, title: 'Open session' },
);
export type OpenSession = Static<typeof openSession>;
