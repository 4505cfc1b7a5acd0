import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { FACTS, PLACE, wholeSet } from '../../scripts/golden-cases.ts';
import { compile } from '../../server/compile/compile.ts';
import { plan } from '../../server/compile/plan.ts';
import { exported, imported, withSecretsOf } from '../../server/schema/configuration.ts';
import { edited, editsBetween } from '../../server/schema/derive.ts';
import { Authority } from '../certificates/authority.ts';
import { anyConfig } from '../support/any-config.ts';

/** What holds for every configuration the rules allow, not only for those somebody thought of. */

const scratch = mkdtempSync(join(tmpdir(), 'ballast-any-'));
const authority = new Authority();
const root = authority.issue('any root', undefined, { authority: true });
const material = {
  pairs: ['a.test', 'b.test'].map(name => authority.issue(name, root)),
  authority: root.certificate,
};
after(() => {
  authority.remove();
  rmSync(scratch, { recursive: true, force: true });
});
const configs = anyConfig(FACTS, material);

test('the engine accepts whatever the rules allow', () => {
  let runs = 0;
  fc.assert(
    fc.property(configs, config => {
      const folder = join(scratch, String(runs++));
      for (const [file, text] of Object.entries(wholeSet(config))) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text);
      }
      const { status, stderr } = spawnSync('haproxy', ['-C', folder, '-c', '-f', 'haproxy.cfg'], { encoding: 'utf8' });
      rmSync(folder, { recursive: true, force: true });
      const complaints = stderr
        .split('\n')
        .filter(line => /WARNING|ALERT/.test(line) && !/server state file/.test(line));
      assert.deepEqual(complaints, []);
      assert.equal(status, 0);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test('the same configuration always compiles to the same files, which are no change', () => {
  fc.assert(
    fc.property(configs, config => {
      const twice = compile(structuredClone(config), FACTS, PLACE);
      const once = compile(config, FACTS, PLACE);
      assert.deepEqual(twice, once);
      assert.deepEqual(plan(once.proxy, twice.proxy), { effect: 'none', commands: [] });
    }),
    { numRuns: 100 },
  );
});

test('a configuration survives export and import, and the edits to another lead there and back', () => {
  fc.assert(
    fc.property(configs, configs, (one, other) => {
      // A file holds no secrets: read where it was written, they are those that are there.
      assert.deepEqual(withSecretsOf(one, imported(JSON.parse(JSON.stringify(exported(one))))), one);
      const there = edited(one, editsBetween(one, other));
      const sorted = (config: typeof one) => imported({ ...exported(config), config: { ...config } });
      assert.deepEqual(sorted(there), other);
      assert.deepEqual(sorted(edited(there, editsBetween(there, one))), one);
    }),
    { numRuns: 100 },
  );
});
