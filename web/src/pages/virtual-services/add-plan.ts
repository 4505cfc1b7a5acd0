import type { VirtualService } from '../../../../server/schema/virtual-service.ts';

/** How a new service treats what clients send: the first thing to know of it, and what most settings follow from. */
export type Handling = 'http' | 'offload' | 'reencrypt' | 'reverse' | 'relay' | 'packets' | 'udp';

export interface Plan {
  label: string;
  /** What becomes of a request, in a sentence. */
  words: string;
  settings: Partial<VirtualService>;
  /** Port of the servers, when it is not the service's own. */
  serverPort?: number;
}

/** HAProxy ends the connection and opens another. */
const RELAYED = { layer: 'l7', protocol: 'tcp' } as const;

/** The three ways of HTTPS are called what the vendor's papers call them: offload, re-encrypt, pass-through. */
export const plans: Record<Handling, Plan> = {
  http: {
    label: 'HTTP',
    words: 'Requests are read and go to the Real Servers as plain HTTP.',
    settings: { ...RELAYED, type: 'http', tls: false, checkType: 'http' },
  },
  offload: {
    label: 'HTTPS, offload',
    words: 'TLS ends here, which needs a certificate; the Real Servers get plain HTTP.',
    settings: { ...RELAYED, type: 'http', tls: true, reencrypt: false, checkType: 'http' },
    serverPort: 80,
  },
  reencrypt: {
    label: 'HTTPS, re-encrypt',
    words: 'TLS ends here, which needs a certificate; a new TLS connection goes to the Real Servers.',
    settings: { ...RELAYED, type: 'http', tls: true, reencrypt: true, checkType: 'https' },
  },
  reverse: {
    label: 'Reversed',
    words: 'Clients speak plain HTTP, the Real Servers are spoken to over TLS.',
    settings: { ...RELAYED, type: 'http', tls: false, reverse: true, checkType: 'https' },
    serverPort: 443,
  },
  relay: {
    label: 'TCP, pass-through',
    words: 'Bytes are relayed as they come, TLS too; no certificate is needed here.',
    settings: { ...RELAYED, type: 'tcp', tls: false, checkType: 'tcp' },
  },
  packets: {
    label: 'Layer 4',
    words:
      'The kernel forwards the packets of TCP connections; the Real Servers see the client and must answer through here.',
    settings: { layer: 'l4', protocol: 'tcp', type: 'tcp', tls: false, checkType: 'tcp' },
  },
  udp: {
    label: 'UDP',
    words: 'The kernel forwards datagrams; the Real Servers see the client and must answer through here.',
    settings: { layer: 'l4', protocol: 'udp', type: 'tcp', tls: false, checkType: 'icmp' },
  },
};

export const handlings = Object.keys(plans) as Handling[];

const HTTP = new Set([80, 8000, 8080, 8081, 3000]);
const HTTPS = new Set([443, 4443, 8443]);
/** Name service, time, SNMP and syslog. */
const UDP = new Set([53, 123, 161, 162, 514]);
/** Well-known ports of what is relayed, for words only. */
const KNOWN: Record<number, string> = {
  21: 'FTP',
  22: 'SSH',
  25: 'SMTP',
  53: 'DNS',
  123: 'NTP',
  161: 'SNMP',
  514: 'Syslog',
  110: 'POP3',
  143: 'IMAP',
  389: 'LDAP',
  465: 'SMTPS',
  587: 'SMTP',
  636: 'LDAPS',
  993: 'IMAPS',
  995: 'POP3S',
  1433: 'SQL Server',
  3306: 'MySQL',
  3389: 'Remote Desktop',
  5432: 'PostgreSQL',
  6379: 'Redis',
};

/** How the servers behind a well-known port are best asked whether they work. */
const CHECKS: Record<number, Partial<VirtualService>> = {
  21: { checkType: 'ftp' },
  23: { checkType: 'telnet' },
  25: { checkType: 'smtp' },
  53: { checkType: 'dns' },
  80: { checkType: 'http' },
  110: { checkType: 'pop3' },
  119: { checkType: 'nntp' },
  143: { checkType: 'imap' },
  389: { checkType: 'ldap' },
  443: { checkType: 'https' },
  465: { checkType: 'smtp', checkTls: true },
  563: { checkType: 'nntp', checkTls: true },
  587: { checkType: 'smtp' },
  636: { checkType: 'ldap', checkTls: true },
  993: { checkType: 'imap', checkTls: true },
  995: { checkType: 'pop3', checkTls: true },
  3389: { checkType: 'rdp' },
};

/** What a port is most often for. */
export function handlingOf(port: number): Handling {
  if (HTTP.has(port)) return 'http';
  if (UDP.has(port)) return 'udp';
  return HTTPS.has(port) ? 'offload' : 'relay';
}

/** What follows from port and handling, before anybody changed anything. */
export function settingsOf(handling: Handling, port: number): Partial<VirtualService> {
  // A desktop session must find its server again.
  const sticky = port === 3389 ? ({ persistence: 'source-ip' } as const) : {};
  const byPort = handling === 'relay' || handling === 'packets' || (handling === 'udp' && port === 53);
  const check = byPort ? CHECKS[port] : {};
  return { ...plans[handling].settings, ...check, ...sticky };
}

/** The port servers listen on unless the list says otherwise. */
export const serverPortOf = (handling: Handling, port: number): number =>
  handling === 'offload' && port !== 443 ? port : (plans[handling].serverPort ?? port);

/** "HTTPS on 443: certificate needed; health check HTTP /": what will be made, from the settings as they are now. */
export function planWords(vs: VirtualService): string {
  const known =
    vs.type === 'http' ? (vs.tls ? 'HTTPS' : 'HTTP') : (KNOWN[vs.port] ?? (vs.protocol === 'udp' ? 'UDP' : 'TCP'));
  const parts = [
    ...(vs.tls ? [vs.certificates.length > 0 ? 'certificate chosen' : 'certificate needed'] : []),
    ...(vs.tls ? [vs.reencrypt ? 'servers get TLS' : 'servers get plain text'] : []),
    ...(vs.persistence === 'none' ? [] : ['clients stay on their server']),
    checkWords(vs),
  ];
  const way = vs.protocol === 'udp' ? ' over UDP' : vs.layer === 'l4' ? ', Layer 4,' : '';
  return `${known}${known === 'UDP' ? '' : way} on ${vs.port}: ${parts.join('; ')}.`;
}

function checkWords(vs: VirtualService): string {
  if (vs.checkType === 'none') return 'no health check';
  const every = vs.checkInterval > 0 ? ` every ${vs.checkInterval} s` : '';
  if (vs.checkType === 'tcp') return `health check opens a connection${every}`;
  const tls = vs.checkTls ? ' over TLS' : '';
  const url = vs.checkType.startsWith('http') ? ` ${vs.checkUrl}` : '';
  return `health check ${vs.checkType.toUpperCase()}${tls}${url}${every}`;
}
