import { checkedPort, checkTimes, isProbed, judgeOf, leaderOf } from '../../schema/check.ts';
import type { Config } from '../../schema/config.ts';
import type { RealServer } from '../../schema/real-server.ts';
import { isAddress } from '../../schema/rules.ts';
import type { Settings } from '../../schema/settings.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { word } from '../word.ts';
import { binaryCheck, ldapCheck, rdpCheck, telnetCheck } from './checks/binary.ts';
import { httpCheck } from './checks/http.ts';
import { ftpCheck, imapCheck, nntpCheck, pop3Check, smtpCheck } from './checks/mail.ts';
import { speaksTls } from './tls.ts';

/** Seconds. A longer time-out of the check must not have clients wait for a server that accepts nobody. */
const LONGEST_CONNECT = 5;

/** How each protocol is spoken. HAProxy speaks neither ICMP nor UDP: those the data plane asks and tells. */
const spoken: Record<VirtualService['checkType'], (vs: VirtualService) => string[]> = {
  icmp: () => [],
  dns: () => [],
  none: () => [],
  tcp: () => [],
  http: httpCheck,
  https: httpCheck,
  smtp: smtpCheck,
  nntp: nntpCheck,
  ftp: ftpCheck,
  telnet: telnetCheck,
  pop3: pop3Check,
  imap: imapCheck,
  rdp: rdpCheck,
  ldap: ldapCheck,
  binary: binaryCheck,
};

/** Backend lines of a service's health check. */
export function checkLines(vs: VirtualService, settings: Settings): string[] {
  if (vs.checkType === 'none' || isProbed(vs.checkType)) return [];
  const { timeout } = checkTimes(vs, settings);
  return [
    // `timeout check` begins once the connection stands. Until then the time-out of connecting counts, for checks
    // and for clients alike: whom the check would give up, no client need wait for.
    `timeout connect ${word(Math.min(timeout, LONGEST_CONNECT))}s`,
    `timeout check ${word(timeout)}s`,
    ...spoken[vs.checkType](vs),
  ];
}

/**
 * Words of one server's line: its own check, or the server whose health it has. A server that cannot be followed,
 * because its service does not run, leaves this one its own check.
 */
export function checkWords(rs: RealServer, vs: VirtualService, config: Config, settings: Settings): string[] {
  const leader = leaderOf(rs, config);
  // Who is never checked has no health to follow.
  if (leader) return judgeOf(rs, vs, config) ? ['track', word(`vs${leader.vs.id}/rs${leader.rs.id}`)] : [];
  if (vs.checkType === 'none') return [];
  if (isProbed(vs.checkType)) return TOLD;
  const { interval, retries } = checkTimes(vs, settings);
  const port = checkedPort(vs, rs);
  return [
    'check',
    'inter',
    `${word(interval)}s`,
    // While a server is on its way down or up it is asked again soon: a failure is then known after interval +
    // retries. An answer over HTTP is an answer, and asked for again only because HAProxy counts all failures alike.
    'fastinter',
    vs.checkType === 'http' || vs.checkType === 'https' ? '200ms' : '1s',
    'fall',
    word(retries),
    'rise',
    '1',
    ...(port === rs.port && vs.extraPorts.length === 0 ? [] : ['port', word(port)]),
    ...checkTls(vs),
  ];
}

/**
 * A server whose state the data plane tells by `set server … agent up|down`. The agent itself is nobody: a refused
 * connection changes no state, so the last word stands while the data plane is away, and through a reload.
 */
const TOLD = ['agent-check', 'agent-addr', '127.0.0.1', 'agent-port', '1', 'agent-inter', '1d'];

/** The check speaks TLS when told to, whatever the traffic does; and a plain check stays plain when traffic is reencrypted. */
function checkTls(vs: VirtualService): string[] {
  const https = vs.checkType === 'https';
  if (!https && !(vs.checkTls && TLS_TOO.has(vs.checkType))) return speaksTls(vs) ? ['no-check-ssl'] : [];
  const name = (https && vs.checkHost.replace(/:\d*$/, '')) || vs.serverName;
  return [
    'check-ssl',
    // RFC 6066, 3: an address is not a server name.
    ...(/^[A-Za-z0-9._-]+$/.test(name) && !isAddress(name) ? ['check-sni', word(name)] : []),
    ...(speaksTls(vs) && vs.serverHttp2 ? ['check-alpn', 'http/1.1'] : []),
  ];
}

/** Checks that may speak TLS below their protocol. RDP starts it by itself. */
const TLS_TOO = new Set<VirtualService['checkType']>([
  'tcp',
  'smtp',
  'nntp',
  'ftp',
  'telnet',
  'pop3',
  'imap',
  'ldap',
  'binary',
]);
