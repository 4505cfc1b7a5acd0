import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { withTable } from '../../scripts/loadmaster-commands.ts';

test('the documentation lists every command as it is', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/loadmaster-api.md'), 'utf8');
  assert.equal(text, withTable(text), 'run node scripts/loadmaster-commands.ts');
});
