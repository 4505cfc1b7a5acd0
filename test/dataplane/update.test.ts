import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { settle } from '../../server/dataplane/update/settle.ts';
import { environmentText, Slots } from '../../server/dataplane/update/slots.ts';
import { Updater } from '../../server/dataplane/update/updater.ts';
import { compareVersions, type Manifest } from '../../server/schema/update.ts';
import { until } from '../support/wait.ts';

/** Updates with files in place of partitions: what is refused before anything is written, and which slot starts next. */

const keys = generateKeyPairSync('ed25519');
const image = randomBytes(3 * 1024 * 1024 + 17);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function updateFile(change: Partial<Manifest> = {}, { key = keys.privateKey, content = image } = {}): Buffer {
  const packed = zstdCompressSync(content);
  const manifest: Manifest = {
    ...{ ballast: 1, version: '1.1.0', minimumVersion: '0.9.0', architecture: 'amd64' },
    packed: { bytes: packed.length, sha256: sha256(packed) },
    image: { bytes: image.length, sha256: sha256(image) },
    ...change,
  };
  const line = Buffer.from(JSON.stringify(manifest));
  return Buffer.concat([line, Buffer.from(`\n${sign(null, line, key).toString('base64')}\n`), packed]);
}

/** A machine that runs slot `slot`, with a version in each. */
function machine(t: TestContext, slot: 'a' | 'b' = 'a', good: 'a' | 'b' = slot) {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-update-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);
  const untouched = Buffer.alloc(4 * 1024 * 1024, 'x');
  for (const name of ['slot-a', 'slot-b']) writeFileSync(at(name), untouched);
  writeFileSync(at('cmdline'), `root=PARTUUID=1 ro ballast-slot=${slot} quiet\n`);
  const choice = { good, try: '', version_a: '1.0.0', version_b: '0.9.9', failed: '' } as const;
  writeFileSync(at('grubenv'), environmentText(choice));
  writeFileSync(at('keys.pem'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
  const slots = new Slots({
    commandLine: at('cmdline'),
    environment: at('grubenv'),
    devices: { a: at('slot-a'), b: at('slot-b') },
  });
  let restarts = 0;
  const updater = new Updater({
    ...{ slots, file: at('update'), keys: at('keys.pem'), version: '1.0.0', told: () => {} },
    restart: async () => {
      restarts++;
    },
  });
  const install = async (file: Buffer) => {
    writeFileSync(at('update'), file);
    await updater.install();
    return until('the update to end', async () => {
      const state = await updater.state();
      return ['ready', 'failed'].includes(state.phase) && state;
    });
  };
  const written = (name: string) => !readFileSync(at(name)).equals(untouched);
  return { at, slots, updater, install, written, restarts: () => restarts };
}

test('a good file is written to the slot that does not run, proved, and started once', async t => {
  const { at, slots, updater, install, written, restarts } = machine(t);
  const state = await install(updateFile());
  assert.deepEqual([state.phase, state.problem, state.other], ['ready', '', '1.1.0']);
  assert.ok(readFileSync(at('slot-b')).subarray(0, image.length).equals(image));
  assert.ok(!written('slot-a'));
  assert.ok(!existsSync(at('update')), 'the file is gone');
  await updater.startOther();
  assert.equal(restarts(), 1);
  const choice = await slots.choice();
  assert.deepEqual([choice.good, choice.try], ['a', 'b']);
  assert.equal(readFileSync(at('grubenv')).length, 1024);
});

const other = generateKeyPairSync('ed25519');
const whole = updateFile();
const flipped = Buffer.from(whole);
flipped[whole.length - 1000] = (flipped[whole.length - 1000] ?? 0) ^ 1;
const refused: [string, Buffer, RegExp][] = [
  ['signed by somebody else', updateFile({}, { key: other.privateKey }), /not signed/],
  [
    'with a word of its first line changed',
    Buffer.from(whole.toString('latin1').replace('"1.1.0"', '"1.2.0"'), 'latin1'),
    /not signed/,
  ],
  ['without a signature', Buffer.from('{"ballast":1}\n\n'), /not signed/],
  ['of something else', randomBytes(100_000), /no update file|not signed/],
  ['that is empty', Buffer.alloc(0), /no update file/],
  ['cut off', whole.subarray(0, whole.length - 1), /not whole/],
  ['cut off within its head', whole.subarray(0, 20), /no update file/],
  ['with more behind', Buffer.concat([whole, Buffer.from('x')]), /not whole/],
  ['with one bit turned', flipped, /changed on its way/],
  ['of the version that runs', updateFile({ version: '1.0.0' }), /only a newer one/],
  ['of an older version', updateFile({ version: '0.9.10' }), /only a newer one/],
  ['that asks for a newer one first', updateFile({ minimumVersion: '1.0.1' }), /Install that one first/],
  ['for other processors', updateFile({ architecture: 'arm64' as 'amd64' }), /kind that this version does not know/],
  ['of a later form', updateFile({ ballast: 2 as 1 }), /kind that this version does not know/],
];
for (const [what, file, reason] of refused)
  test(`a file ${what} is refused, and nothing is written`, async t => {
    const { slots, install, written } = machine(t);
    const state = await install(file);
    assert.equal(state.phase, 'failed');
    assert.match(state.problem, reason);
    assert.ok(!written('slot-a') && !written('slot-b'));
    assert.equal((await slots.choice()).version_b, '0.9.9', 'the previous version can still be started');
  });

test('a file whose content is not what its signed head says can never be started', async t => {
  const { updater, install, restarts } = machine(t);
  const state = await install(updateFile({}, { content: randomBytes(image.length) }));
  assert.match(state.problem, /does not hold what was written/);
  assert.equal(state.other, '');
  await assert.rejects(updater.startOther(), /no other version/);
  assert.equal(restarts(), 0);
});

test('a file that unpacks to more than it says does not overrun the slot', async t => {
  const { at, install } = machine(t);
  const state = await install(updateFile({}, { content: Buffer.alloc(image.length + 512 * 1024, 'y') }));
  assert.match(state.problem, /more than it says/);
  assert.equal(readFileSync(at('slot-b'))[image.length + 1], 'x'.charCodeAt(0));
});

test('as long as a version is only tried, the way back is not touched', async t => {
  const { at, updater, install } = machine(t, 'b', 'a');
  assert.equal((await updater.state()).trial, true);
  await assert.rejects(install(whole), /not been seen well/);
  assert.ok(existsSync(at('slot-a')));
});

test('a machine that was not made from the image says so', async t => {
  const { at, updater } = machine(t);
  writeFileSync(at('cmdline'), 'root=/dev/sda1 quiet\n');
  assert.match((await updater.state()).unsupported, /cannot update itself/);
  await assert.rejects(updater.install(), /cannot update itself/);
});

test('what a version did to the data goes with it when it does not get well, and stays when it does', async t => {
  const tried = machine(t, 'b', 'a');
  const data = tried.at('data');
  mkdirSync(data);
  writeFileSync(join(data, 'config'), 'old form');
  assert.match(await settle(tried.slots, data), /tried/);
  writeFileSync(join(data, 'config'), 'new form');

  // It got well.
  await tried.slots.choose({ good: 'b' });
  await settle(tried.slots, data);
  assert.equal(readFileSync(join(data, 'config'), 'utf8'), 'new form');
  assert.ok(!existsSync(`${data}.before-b`));

  // Another time it did not: the machine starts from `a` again.
  await tried.slots.choose({ good: 'a' });
  await settle(tried.slots, data);
  writeFileSync(join(data, 'config'), 'newer form');
  writeFileSync(tried.at('cmdline'), 'ballast-slot=a\n');
  assert.match(await settle(tried.slots, data), /did not get well/);
  assert.equal(readFileSync(join(data, 'config'), 'utf8'), 'new form');
  assert.equal((await tried.slots.choice()).failed, 'b');
  assert.match(await settle(tried.slots, data), /good one/);
});

test('versions are compared as numbers', () => {
  const sorted = ['0.9.9', '0.9.10', '0.10.0', '1.0.0', '1.0.1'];
  assert.deepEqual([...sorted].reverse().sort(compareVersions), sorted);
});
