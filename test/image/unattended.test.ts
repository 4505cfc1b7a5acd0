import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ADDRESS, builtImage, figure, ground, loggedIn, PASSWORD } from './ground.ts';
import { must, VirtualMachine } from './virtual-machine.ts';

/** A first set-up that nobody sits at: its answers lie on a NoCloud volume. */

const folder = mkdtempSync(join(tmpdir(), 'ballast-unattended-'));
let vm: VirtualMachine | undefined;
after(async () => {
  await vm?.cut();
  rmSync(folder, { recursive: true, force: true });
});

test('a machine with a volume of answers sets itself up', async () => {
  const answers = join(folder, 'user-data');
  writeFileSync(
    answers,
    `#cloud-config
ballast:
  eth0: ${ADDRESS}/24
  gateway: 10.0.2.2
  hostname: by-itself
  dns: [10.0.2.3]
  timezone: Europe/Berlin
  password: ${PASSWORD}
`,
  );
  const volume = join(folder, 'volume.img');
  must('mkfs.vfat', ['-C', '-n', 'CIDATA', volume, '1440']);
  must('mcopy', ['-i', volume, answers, '::user-data']);
  const net = await ground([]);
  const began = Date.now();
  vm = await VirtualMachine.start({
    ...{ folder, image: builtImage(), network: net.network },
    more: ['-drive', `file=${volume},if=virtio,format=raw,readonly=on`],
  });
  const api = await loggedIn(net.console, 600_000);
  figure(folder, `set up by itself and logged in: ${Math.round((Date.now() - began) / 1000)} s`);
  const { hostName, links } = await api.call('getNetworkState');
  assert.equal(hostName, 'by-itself');
  assert.ok(links.some(link => link.addresses.some(({ address }) => address === ADDRESS)));
  api.close();
  await vm.screen.shows(/by-itself|Ballast/, 60_000);
});
