import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { faults } from '../../server/schema/faults.ts';
import { casesOf, harmless } from './bad-input-cases.ts';
import { type Call, type Place, prepare, stateOf } from './bad-input-ground.ts';

/** Tries every case as a subtest, and that each leaves everything as it was. Needs an appliance with the user `bal` alone. */
export async function tryBadInput(t: TestContext, call: Call, place: Place): Promise<void> {
  const ground = await prepare(call, place);
  let last = await stateOf(call);
  // Read before anything is asserted: one case that got through must not spoil those after it.
  const changed = async () => {
    const before = last;
    last = await stateOf(call);
    return { before, after: last };
  };
  const names = new Set<string>();
  for (const { name, method, path, body, headers, code, at, says } of casesOf(ground)) {
    assert.ok(!names.has(name), `two cases named ${name}`);
    names.add(name);
    await t.test(name, async () => {
      const reply = await call(method, path, body, headers);
      const { before, after } = await changed();
      const { message, ...fault } = reply.body as { message: string };
      assert.deepEqual(
        { status: reply.status, ...fault },
        { status: faults[code][0], code, ...(at !== undefined && { at }) },
      );
      // A sentence for people: every fact filled in, nothing of our insides, nothing that a terminal would act on.
      assert.match(message, /^[^\p{Cc}{}]+ [^\p{Cc}{}]+\.$/u);
      assert.doesNotMatch(message, /undefined|\[object|NaN|Error:|node:/);
      if (says) assert.match(message, says);
      assert.deepEqual(after, before);
    });
  }
  assert.ok(names.size >= 80);
  for (const [name, body] of harmless)
    await t.test(`allowed: ${name}`, async () => {
      const reply = await call('PATCH', `/api/virtual-services/${ground.service}?dryRun=true`, body);
      const { before, after } = await changed();
      assert.equal(reply.status, 200, JSON.stringify(reply.body));
      assert.deepEqual(after, before);
    });
}
