import type { Names } from './network-set.ts';

const HEAD = '# Written by Ballast. Changes made here are lost.\n';

/** Files by path below the root folder for systemd-resolved, systemd-timesyncd, and the machine's own names. */
export function nameFiles({ hostName, dns, search, hosts, ntp, timeZone }: Names): Record<string, string> {
  const resolve = [
    ...(dns.length > 0 ? [`DNS=${dns.join(' ')}`] : []),
    // As routing domains too: every name is asked of these servers and of no interface's own.
    ...(dns.length > 0 || search.length > 0
      ? [`Domains=${[...search, ...(dns.length > 0 ? ['~.'] : [])].join(' ')}`]
      : []),
  ];
  return {
    ...(resolve.length > 0 && {
      'etc/systemd/resolved.conf.d/50-ballast.conf': `${HEAD}[Resolve]\n${resolve.join('\n')}\n`,
    }),
    ...(ntp.length > 0 && {
      'etc/systemd/timesyncd.conf.d/50-ballast.conf': `${HEAD}[Time]\nNTP=${ntp.join(' ')}\n`,
    }),
    ...(timeZone !== '' && { 'etc/timezone': `${timeZone}\n` }),
    ...(hostName !== '' && { 'etc/hostname': `${hostName}\n` }),
    ...((hostName !== '' || hosts.length > 0) && { 'etc/hosts': hostsFile(hostName, search[0], hosts) }),
  };
}

function hostsFile(hostName: string, domain: string | undefined, hosts: readonly string[]): string {
  const own = hostName === '' ? [] : [`127.0.1.1 ${domain ? `${hostName}.${domain} ` : ''}${hostName}`];
  return `${HEAD}${['127.0.0.1 localhost', ...own, '::1 localhost ip6-localhost ip6-loopback', ...hosts].join('\n')}\n`;
}
