import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DISK_SECTORS, SECTOR } from './layout.ts';
import { run } from './run.ts';

/** The disk as hypervisors take it. Returns the files made. */
export function exportDisk(disk: string, dist: string, work: string, version: string, epoch: number): string[] {
  const made = (ending: string) => join(dist, `ballast-${version}.${ending}`);
  const files = [made('qcow2'), made('vhdx'), made('ova')] as const;
  for (const file of files) rmSync(file, { force: true });
  run('qemu-img', ['convert', '-O', 'qcow2', '-c', '-o', 'compression_type=zstd', disk, files[0]]);
  run('qemu-img', ['convert', '-O', 'vhdx', '-o', 'subformat=dynamic', disk, files[1]]);
  makeOva(disk, files[2], work, version, epoch);
  return [...files];
}

/** One archive: description, checksums, disk, in the order of the standard (DSP0243, 6.1). */
function makeOva(disk: string, file: string, work: string, version: string, epoch: number): void {
  const name = `ballast-${version}`;
  const vmdk = join(work, `${name}-disk1.vmdk`);
  const options = 'subformat=streamOptimized,adapter_type=lsilogic,hwversion=13';
  run('qemu-img', ['convert', '-O', 'vmdk', '-o', options, disk, vmdk]);
  writeFileSync(join(work, `${name}.ovf`), description(basename(vmdk), statSync(vmdk).size, version));
  const sums = [`${name}.ovf`, basename(vmdk)].map(each => `SHA256(${each})= ${sha256(join(work, each))}\n`);
  writeFileSync(join(work, `${name}.mf`), sums.join(''));
  const members = [`${name}.ovf`, `${name}.mf`, basename(vmdk)];
  const same = ['--format=ustar', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644', `--mtime=@${epoch}`];
  run('tar', ['-C', work, ...same, '-cf', file, ...members]);
}

/** VMXNET3 and paravirtual SCSI: what every ESXi of the last ten years has and the kernel knows. */
function description(disk: string, size: number, version: string): string {
  const item = (id: number, type: number, name: string, more: Record<string, string | number> = {}) => {
    const fields: Record<string, string | number> = { ElementName: name, InstanceID: id, ResourceType: type, ...more };
    const lines = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
    return `      <Item>\n${lines.map(([key, value]) => `        <rasd:${key}>${value}</rasd:${key}>\n`).join('')}      </Item>\n`;
  };
  const card = (id: number, at: number) =>
    item(id, 10, `Network adapter ${at + 1}`, {
      ...{ AddressOnParent: 7 + at, AutomaticAllocation: 'true', Connection: 'VM Network', ResourceSubType: 'VmxNet3' },
    });
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
    <File ovf:href="${disk}" ovf:id="file1" ovf:size="${size}"/>
  </References>
  <DiskSection>
    <Info>The disk</Info>
    <Disk ovf:capacity="${DISK_SECTORS * SECTOR}" ovf:capacityAllocationUnits="byte" ovf:diskId="disk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>The networks</Info>
    <Network ovf:name="VM Network"><Description>Clients, and servers too unless a second card leads to them</Description></Network>
  </NetworkSection>
  <VirtualSystem ovf:id="Ballast">
    <Info>Ballast load balancer</Info>
    <Name>Ballast</Name>
    <OperatingSystemSection ovf:id="96"><Info>Debian 12 or later, 64 bit</Info></OperatingSystemSection>
    <ProductSection>
      <Info>Ballast</Info>
      <Product>Ballast</Product>
      <Version>${version}</Version>
    </ProductSection>
    <VirtualHardwareSection>
      <Info>2 processors, 2 GiB of memory, two network cards</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>Ballast</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
      </System>
${[
  item(1, 3, '2 virtual CPUs', { AllocationUnits: 'hertz * 10^6', VirtualQuantity: 2 }),
  item(2, 4, '2048 MB of memory', { AllocationUnits: 'byte * 2^20', VirtualQuantity: 2048 }),
  item(3, 6, 'SCSI controller 0', { Address: 0, ResourceSubType: 'VirtualSCSI' }),
  item(4, 17, 'Hard disk 1', { AddressOnParent: 0, HostResource: 'ovf:/disk/disk1', Parent: 3 }),
  card(5, 0),
  card(6, 1),
].join('')}    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

/** In pieces: the files are larger than a buffer should be. */
export function sha256(file: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(4 * 1024 * 1024);
  const open = openSync(file, 'r');
  for (let read = readSync(open, piece); read > 0; read = readSync(open, piece)) hash.update(piece.subarray(0, read));
  closeSync(open);
  return hash.digest('hex');
}
