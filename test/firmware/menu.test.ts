import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { idlePage, type Seen } from '../../firmware/console/menu/idle.ts';
import { entries, entryOf, menuLines } from '../../firmware/console/menu/menu.ts';
import { HEADS, overview } from '../../firmware/console/menu/overview.ts';
import { COLUMNS, type Drawn, draw, ROWS } from '../../firmware/console/tui/page.ts';
import { note } from '../../firmware/console/wizard/run.ts';
import type { Status } from '../../server/schema/status.ts';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { machine } from '../support/machine.ts';

/** The menu's screens without a machine, letter by letter. */

const state = (id: number, state: string, serversUp = 0) => ({
  id,
  state,
  serversUp,
  serversTotal: 3,
  connections: 7 * id,
});
const status = {
  apply: { state: 'refused' },
  engine: { running: false },
  services: [state(1, 'up', 3), state(2, 'degraded', 1), state(3, 'down')],
  servers: [{ state: 'up' }, { state: 'down' }, { state: 'disabled' }],
} as unknown as Status;
const services = [
  { id: 1, name: 'Exchange with a name longer than its column', address: '192.0.2.10', port: 443 },
  { id: 2, name: '', address: '2001:db8:1:2:3:4:5:6', port: 25 },
  { id: 3, name: 'web', address: '192.0.2.11', port: 80 },
] as VirtualService[];
const seen: Seen = {
  ...{ version: '0.1.0', port: 443, network: machine, status, services },
  fingerprint: Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':'),
};

const said = (drawn: Drawn): string => {
  assert.equal(drawn.lines.length, ROWS);
  for (const line of drawn.lines) assert.ok(line.length < COLUMNS && /^[\x20-\x7e]*$/.test(line), line);
  return `${drawn.lines.map(line => line.trimEnd()).join('\n')}\n`;
};

test('every screen, letter by letter, in 80 by 24', () => {
  const text = [
    idlePage(seen),
    idlePage({ ...seen, network: undefined, status: undefined, fingerprint: undefined }),
    draw({ ...note('Ballast', [menuLines(2), 'A digit or Enter chooses. Esc logs out.']), place: 'menu' }),
    draw(note('Status', [[HEADS, ...overview(services, status)]])),
  ]
    .map(said)
    .join('--\n');
  const golden = join(import.meta.dirname, 'menu-screens.txt');
  if (process.env.BALLAST_WRITE_SCREENS) writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});

test('each entry has a key of its own', () => {
  const keys = menuLines(0).map(line => line.slice(2, 3));
  assert.equal(new Set(keys).size, entries.length);
  for (const [at, key] of keys.entries()) assert.equal(entryOf(key), at);
  for (const other of ['', 'z', '12', 'ab']) assert.equal(entryOf(other), undefined);
});
