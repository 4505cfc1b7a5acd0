import type { LinkState, NetworkState } from '../../server/schema/network/state.ts';

/** A port as the wizard sees it. */
export const port = (name: string, more: Partial<LinkState> = {}): LinkState => ({
  ...{ name, id: 0, kind: '', mac: '52:54:00:12:34:56', mtu: 1500, link: 'up', speed: 1000, duplex: 'full' },
  ...{ addresses: [], received: 0, sent: 0 },
  ...more,
});

/** A machine with two ports to which DHCP gave an address, a gateway and a name server. */
export const machine: NetworkState = {
  appliance: true,
  powerless: '',
  links: [
    port('lo', { mac: '00:00:00:00:00:00' }),
    port('eth0', {
      addresses: [
        { address: '192.0.2.77', prefix: 24, setBy: 'other' },
        { address: 'fe80::1', prefix: 64, setBy: 'other' },
      ],
    }),
    port('eth1', { mac: '52:54:00:12:34:57', link: 'no-carrier', speed: null }),
  ],
  routes: [
    {
      family: 4,
      to: 'default',
      via: '192.0.2.1',
      link: 'eth0',
      protocol: 'dhcp',
      metric: 100,
      setBy: 'other',
      answers: null,
    },
  ],
  hostName: 'localhost',
  dnsServers: ['192.0.2.53', '127.0.0.53'],
  searchDomains: ['example.net'],
  synchronised: null,
};
