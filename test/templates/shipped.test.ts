import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { FACTS, wholeSet } from '../../scripts/golden-cases.ts';
import { checkMade, readTemplate } from '../../server/api/templates/read.ts';
import { problemsOf } from '../../server/schema/rules.ts';
import { planOf } from '../../server/templates/plan.ts';
import { shippedTemplates } from '../../server/templates/shipped.ts';
import { makePem } from '../support/pem.ts';
import { applied, examples, ground, reserveFrom } from './support.ts';

/** Every template that comes with the program: of the right shape, allowed by the rules, taken by the engine, every value with its reason. */

const scratch = mkdtempSync(join(tmpdir(), 'ballast-templates-'));
const pem = await makePem('mail.example.com');
after(() => rmSync(scratch, { recursive: true, force: true }));

test('keys and names are each there once', () => {
  const keys = shippedTemplates.map(each => each.key);
  const names = shippedTemplates.map(each => each.file.name);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(names).size, names.length);
});

for (const { key, file } of shippedTemplates) {
  test(`${key}: would pass an import of its file`, () => {
    assert.deepEqual(readTemplate(JSON.stringify(file)), file);
  });

  test(`${key}: every value has a reason, which is a sentence`, () => {
    for (const service of [...file.services, ...file.services.flatMap(each => each.subServices ?? [])]) {
      const stated = Object.keys({ ...service.values, ...service.from, ...service.named });
      for (const name of stated) assert.match(service.reasons?.[name] ?? '', /^[A-Z].*[.]$/s, `${key}: ${name}`);
      if (service.servers) assert.match(service.servers.reason ?? '', /^[A-Z].*[.]$/s, key);
    }
    for (const note of file.notes ?? []) assert.match(note, /^[A-Z].*[.]$/s);
  });

  test(`${key}: what it makes has the right shape and breaks no rule`, () => {
    const config = ground(pem);
    const plan = planOf(file, examples(file), config, reserveFrom(config));
    checkMade(plan.made);
    const problems = problemsOf(applied(file, examples(file), config), FACTS);
    assert.deepEqual(
      problems.map(({ kind, fault }) => `${kind}: ${fault.message} ${fault.at}`),
      [],
    );
  });

  test(`${key}: the engine takes it without a warning`, () => {
    const folder = join(scratch, key);
    for (const [name, text] of Object.entries(wholeSet(applied(file, examples(file), ground(pem))))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { status, stderr } = spawnSync('haproxy', ['-C', folder, '-c', '-f', 'haproxy.cfg'], { encoding: 'utf8' });
    const complaints = stderr.split('\n').filter(line => /WARNING|ALERT/.test(line) && !/server state file/.test(line));
    assert.deepEqual(complaints, []);
    assert.equal(status, 0);
  });
}

test('all Exchange workloads have a SubVS with their own check', () => {
  const config = applied(
    shippedTemplates.find(each => each.key === 'exchange-2019-reencrypted')?.file as never,
    { address: '192.0.2.10', servers: ['198.51.100.1'], certificate: [1], host: 'mail.example.com' },
    ground(pem),
  );
  const subs = config.virtualServices.filter(each => each.parent !== 0);
  assert.deepEqual(subs.map(each => each.checkUrl.toLowerCase()).sort(), [
    '/api/healthcheck.htm',
    '/autodiscover/healthcheck.htm',
    '/ecp/healthcheck.htm',
    '/ews/healthcheck.htm',
    '/mapi/healthcheck.htm',
    '/microsoft-server-activesync/healthcheck.htm',
    '/oab/healthcheck.htm',
    '/owa/healthcheck.htm',
    '/powershell/healthcheck.htm',
    '/rpc/healthcheck.htm',
  ]);
  assert.ok(subs.every(each => each.rules.length === 1 && each.checkType === 'https' && each.checkHost));
});
