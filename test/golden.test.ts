import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { expected, goldenCases, wholePackets, wholeSet } from '../scripts/golden-cases.ts';
import { type Kind, kinds } from '../server/schema/config.ts';
import { listOf } from '../server/schema/derive.ts';

/** Each folder of test/golden is a case: `npm run golden` writes what comes out, people read it, and here it must stay. */

const scratch = mkdtempSync(join(tmpdir(), 'ballast-golden-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A real pair, put in the place of the goldens' stand-ins so that the engine has something to read. */
const pair = (() => {
  const key = join(scratch, 'key.pem');
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
  const chain = execFileSync('openssl', [...args, '-subj', '/CN=golden.test', '-days', '2'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { chain: chain.toString(), key: readFileSync(key, 'utf8') };
})();

/** A real revocation list of that pair, which revokes nothing. */
const revocations = (() => {
  const path = (name: string, text = '') => {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
  };
  const options = `[ca]\ndefault_ca=a\n[a]\ndatabase=${path('index')}\ndefault_md=sha256\ndefault_crl_days=2\n`;
  const args = ['ca', '-gencrl', '-config', path('options', options), '-keyfile', join(scratch, 'key.pem')];
  return execFileSync('openssl', [...args, '-cert', path('chain.pem', pair.chain)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
})();

/** What the engine is given to read in the place of a stand-in. */
function real(file: string, text: string): string {
  if (file.startsWith('certs/')) return `${pair.chain}${pair.key}`;
  if (file.startsWith('auth/')) return file.endsWith('.crl') ? revocations : pair.chain;
  return text;
}

const HERE = Number(/version (\d+\.\d+)/.exec(spawnSync('haproxy', ['-v'], { encoding: 'utf8' }).stdout)?.[1]);
const cases = goldenCases();

for (const golden of cases) {
  for (const [file, text] of Object.entries(expected(golden)))
    test(`${golden.name}: ${file} is as it was read`, () => {
      assert.equal(text, readFileSync(join(golden.folder, file), 'utf8'));
    });

  const skip = golden.engine > HERE && `needs HAProxy ${golden.engine}, here is ${HERE}`;
  test(`${golden.name}: the engine accepts it without a warning`, { skip }, () => {
    const folder = join(scratch, golden.name);
    for (const [file, text] of Object.entries(wholeSet(golden.after ?? golden.config, golden.engine))) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), real(file, text));
    }
    const { status, stderr } = spawnSync('haproxy', ['-C', folder, '-c', '-f', 'haproxy.cfg'], { encoding: 'utf8' });
    // Only the state file, made just before a reload, may be missing.
    const complaints = stderr.split('\n').filter(line => /WARNING|ALERT/.test(line) && !/server state file/.test(line));
    assert.deepEqual(complaints, []);
    assert.equal(status, 0);
  });
}

for (const golden of cases.filter(({ config }) => config.virtualServices.some(vs => vs.layer === 'l4')))
  test(`${golden.name}: the kernel accepts its packet rules`, () => {
    const { status, stderr } = spawnSync('nft', ['-c', '-f', '-'], {
      input: wholePackets(golden.after ?? golden.config),
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
  });

for (const golden of cases.filter(({ folder }) => existsSync(join(folder, 'guard.nft'))))
  test(`${golden.name}: the kernel accepts its guard`, () => {
    const input = readFileSync(join(golden.folder, 'guard.nft'), 'utf8');
    const { status, stderr } = spawnSync('nft', ['-c', '-f', '-'], { input, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });

/** Properties that no engine is told of: names, and what only the store needs. */
const SILENT = new Set([
  'virtualService.id',
  'virtualService.protocol',
  'realServer.id',
  'realServer.virtualService',
  'certificate.id',
  'certificate.requestKey',
  'settings.confirmTime',
]);

for (const kind of Object.keys(kinds) as Kind[])
  for (const [name, schema] of Object.entries(kinds[kind].schema.properties as Record<string, { default?: unknown }>)) {
    if (SILENT.has(`${kind}.${name}`)) continue;
    test(`${kind}.${name} is set to something else than its default in a golden`, () => {
      const values = cases.flatMap(({ config, after }) =>
        [config, ...(after ? [after] : [])].flatMap(tree => listOf(tree, kind)),
      );
      const other = values.some(
        value => JSON.stringify(value[name as keyof typeof value]) !== JSON.stringify(schema.default),
      );
      assert.ok(other, 'add a case to test/golden');
    });
  }
