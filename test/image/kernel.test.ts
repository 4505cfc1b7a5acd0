import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/source-files.ts';
import { builtImage, figure } from './ground.ts';
import { must, VirtualMachine } from './virtual-machine.ts';

/**
 * The network tests under the image's own kernel, which has what the kernel of a machine for tests may lack: VLANs,
 * bonds and flow tables. The image holds no tests; they come on a disk of their own, and use the image's packages.
 */

const folder = join(root, '.cache/image/test-kernel');
/** Below the data, as tests of the network lay something of their own over /run. */
const ROOM = '/data/ballast-tests';
/** Everything is so many times slower than on the machine that emulates it. */
const SLOWNESS = 8;
const TESTS = ['networkd', 'box', 'direct-return', 'transparency', 'truth', 'layer4'];
let vm: VirtualMachine;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  const tree = join(folder, 'tree');
  mkdirSync(tree, { recursive: true });
  for (const part of ['package.json', 'server', 'scripts', 'firmware', 'test'])
    cpSync(join(root, part), join(tree, part), { recursive: true });
  symlinkSync('/opt/ballast/node_modules', join(tree, 'node_modules'));
  mkdirSync(join(tree, 'web'));
  symlinkSync('/opt/ballast/web/dist', join(tree, 'web/dist'));
  const disk = join(folder, 'tests.img');
  must('mkfs.ext4', ['-q', '-d', tree, disk, '128M']);
  vm = await VirtualMachine.start({
    ...{ folder: join(folder, 'vm'), image: builtImage(), memory: 2048 },
    more: ['-drive', `file=${disk},if=virtio,format=raw`],
  });
  await vm.shellReady();
  await vm.run(`mkdir -p ${ROOM} && mount /dev/vdb ${ROOM} && cd ${ROOM}`);
  await vm.run('export PATH=/opt/ballast/node_modules/.bin:$PATH TMPDIR=/data');
});

after(async () => {
  await vm?.cut();
});

for (const name of TESTS)
  test(`${name}, under the image's kernel`, async () => {
    const said = await vm.run(
      `BALLAST_TEST_SLOWNESS=${SLOWNESS} node --test --test-reporter=tap test/network/${name}.test.ts 2>&1 | cat`,
      1_500_000,
    );
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(said)?.[1] ?? Number.NaN);
    figure(folder, `${name} under the image's kernel: ${count('pass')} passed, ${count('skipped')} skipped`);
    assert.deepEqual([count('fail'), count('cancelled')], [0, 0], said);
    assert.ok(count('pass') > 0, said);
  });

test('the kernel has VLANs, bonds and flow tables', async () => {
  for (const [kind, words] of [
    ['vlan', 'link eth0 type vlan id 7'],
    ['bond', 'type bond'],
  ])
    assert.match(
      await vm.run(`ip link add name probe ${words} && ip -d link show dev probe; ip link delete dev probe`),
      new RegExp(kind as string),
    );
});
