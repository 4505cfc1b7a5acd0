/** Who may import whom: the table of ARCHITECTURE.md as code. */
export interface Room {
  /** Start of the paths that belong to it. The first room that fits counts. */
  path: string;
  /** Starts of paths of our own that it may import, besides itself; '' is everything but tests. */
  mayImport: string[];
  /** Packages; a name that ends with `/` allows all that begin so. */
  packages: string[] | 'any';
  /** May it import node:…? A list names the only ones. */
  node: boolean | string[];
  /** May it start other programs? */
  processes?: boolean;
}

const api = [
  'fastify',
  '@fastify/',
  'typebox',
  'ipaddr.js',
  '@node-rs/argon2',
  '@peculiar/x509',
  'selfsigned',
  'ajv',
  'reflect-metadata',
  'acme-client',
  'nodemailer',
];

export const rooms: readonly Room[] = [
  { path: 'server/schema/', mayImport: [], packages: ['typebox', 'ipaddr.js'], node: false },
  { path: 'server/compile/', mayImport: ['server/schema/'], packages: [], node: false },
  {
    path: 'server/store/',
    mayImport: ['server/schema/', 'server/paths.ts'],
    packages: ['better-sqlite3'],
    node: true,
  },
  {
    path: 'server/dataplane/',
    mayImport: ['server/schema/', 'server/compile/', 'server/store/', 'server/paths.ts'],
    packages: ['ipaddr.js'],
    node: true,
    processes: true,
  },
  // The API starts two programs. Here openssl, for what no library reads.
  {
    path: 'server/api/certificates/openssl.ts',
    mayImport: ['server/schema/', 'server/api/'],
    packages: api,
    node: true,
    processes: true,
  },
  // And sftp, for backups that are put on another machine.
  {
    path: 'server/api/backup/sftp.ts',
    mayImport: ['server/schema/', 'server/api/'],
    packages: api,
    node: true,
    processes: true,
  },
  { path: 'server/templates/', mayImport: ['server/schema/'], packages: [], node: false },
  // The LoadMaster API stands in front of the native one; the process that serves both joins them.
  {
    path: 'server/api/main.ts',
    mayImport: ['server/schema/', 'server/api/', 'server/compat/', 'server/store/', 'server/paths.ts'],
    packages: api,
    node: true,
  },
  {
    path: 'server/compat/',
    mayImport: ['server/schema/', 'server/api/'],
    packages: ['fastify', 'ajv', 'typebox'],
    node: true,
  },
  {
    path: 'server/api/',
    mayImport: ['server/schema/', 'server/templates/', 'server/store/', 'server/paths.ts'],
    packages: api,
    node: true,
  },
  { path: 'server/paths.ts', mayImport: [], packages: [], node: ['node:crypto', 'node:path'] },
  { path: 'web/vite.config.ts', mayImport: [], packages: ['vite', '@vitejs/'], node: true },
  {
    path: 'web/',
    // The table of differences is written once and read in both places.
    mayImport: ['server/schema/', 'docs/loadmaster-api-differences.md?raw'],
    packages: ['react', 'react-dom', 'react-router', '@mantine/', '@tanstack/', '@tabler/', 'uplot', 'typebox'],
    node: false,
  },
  {
    path: 'firmware/console/main.ts',
    mayImport: ['server/schema/', 'firmware/console/'],
    packages: 'any',
    node: true,
    processes: true,
  },
  { path: 'firmware/rootfs/', mayImport: [], packages: [], node: ['node:fs', 'node:module'] },
  { path: 'firmware/console/', mayImport: ['server/schema/'], packages: 'any', node: true },
  {
    path: 'firmware/image/',
    mayImport: ['server/schema/', 'server/dataplane/update/slots.ts'],
    packages: [],
    node: true,
    processes: true,
  },
  { path: 'scripts/', mayImport: [''], packages: 'any', node: true, processes: true },
  { path: 'bench/', mayImport: [''], packages: 'any', node: true, processes: true },
  { path: 'test/', mayImport: ['', 'test/'], packages: 'any', node: true, processes: true },
];

/** Text that no source file may hold, and why. `but` names the one file that may. */
export const forbidden: readonly { text: RegExp; why: string; within?: string; but?: string }[] = [
  { text: /\bexecSync\b/, why: 'runs a shell: use execFileSync or spawnSync with a list of arguments' },
  { text: /\bshell:\s*true\b/, why: 'runs a shell' },
  { text: /\bBuffer\.allocUnsafe/, why: 'shows what was in memory before: use Buffer.alloc' },
  {
    text: /(?<![.\w])fetch\(|\b(?:window|globalThis|self)\.fetch\b|\bXMLHttpRequest\b/,
    why: 'the console asks the API through call() only',
    within: 'web/',
    but: 'web/src/api/call.ts',
  },
];
