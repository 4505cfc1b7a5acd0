import { spawnSync } from 'node:child_process';

/** Has this kernel such devices? That a loopback interface can carry no VLAN is another matter. */
export function kernelHas(kind: 'vlan' | 'bond'): boolean {
  const words = kind === 'bond' ? ['type', 'bond'] : ['link', 'lo', 'type', 'vlan', 'id', '1'];
  const ran = spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'name', 'probe', ...words], { encoding: 'utf8' });
  return !/Unknown device type|Operation not supported/i.test(ran.stderr);
}
