import assert from 'node:assert/strict';
import test from 'node:test';
import { complaintsOf, importsOf } from '../scripts/imports.ts';

test('finds every way to import', () => {
  const source = `import a from './a.ts';
import type { B,
  C } from '../b.ts';
import './c.css';
export { d } from './d.ts';
const e = await import('./e.ts');
const text = "import f from './f.ts'";`;
  assert.deepEqual(
    importsOf(source)
      .map(i => i.from)
      .toSorted(),
    ['../b.ts', './a.ts', './c.css', './d.ts', './e.ts'],
  );
});

const wrong: [path: string, source: string, complaint: RegExp][] = [
  ['server/schema/x.ts', `import { join } from 'node:path';`, /node:path/],
  ['server/compile/x.ts', `import { db } from '../store/db.ts';`, /server\/store\/db\.ts/],
  ['server/api/x.ts', `import type { A } from '../dataplane/apply.ts';`, /dataplane\/apply/],
  ['server/api/x.ts', `import { spawn } from 'node:child_process';`, /starts programs/],
  ['server/api/x.ts', `import { compile } from '../compile/compile.ts';`, /compile/],
  ['server/dataplane/x.ts', `import { exec } from 'node:child_process';`, /shell/],
  ['server/dataplane/x.ts', `import * as processes from 'node:child_process';`, /shell/],
  ['server/dataplane/x.ts', `spawn('ls', { shell: true });`, /shell/],
  ['server/dataplane/x.ts', `import fastify from 'fastify';`, /package fastify/],
  ['server/store/x.ts', `const b = Buffer.allocUnsafe(3);`, /memory/],
  ['web/src/pages/x.tsx', `await fetch('/api/status');`, /call\(\)/],
  ['web/src/pages/x.tsx', `import { pathsOf } from '../../../server/paths.ts';`, /paths\.ts/],
  ['web/src/pages/index.ts', `export const a = 1;`, /barrel/],
  ['scripts/x.ts', `import { Appliance } from '../test/support/appliance.ts';`, /nothing imports a test/],
  ['elsewhere/x.ts', '', /no room/],
];
for (const [path, source, complaint] of wrong)
  test(`${path} may not: ${source}`, () => {
    const complaints = complaintsOf(path, source);
    assert.equal(complaints.length, 1, complaints.join('\n'));
    assert.match(complaints[0] as string, complaint);
  });

const right: [path: string, source: string][] = [
  ['server/schema/x.ts', `import Type from 'typebox';\nimport { a } from './fields.ts';`],
  [
    'server/dataplane/x.ts',
    `import { execFile, spawn } from 'node:child_process';\nimport { a } from '../compile/plan.ts';`,
  ],
  ['server/api/certificates/openssl.ts', `import { spawn } from 'node:child_process';`],
  ['server/api/x.ts', `const m = /a/.exec(b);\nimport cookie from '@fastify/cookie';`],
  ['web/src/api/call.ts', `await fetch('/api/status');`],
  ['web/src/pages/x.tsx', `query.refetch();\nimport { Button } from '@mantine/core';`],
  [
    'test/system/x.test.ts',
    `import { Appliance } from '../support/appliance.ts';\nimport { a } from '../../server/paths.ts';`,
  ],
];
for (const [path, source] of right)
  test(`${path} may: ${source}`, () => assert.deepEqual(complaintsOf(path, source), []));
