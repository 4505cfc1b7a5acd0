import { checkedPort, checkTimes } from '../schema/check.ts';
import type { RealServer } from '../schema/real-server.ts';
import type { Settings } from '../schema/settings.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { ProxyStat } from './observe.ts';

type Checked = Pick<ProxyStat, 'checkStatus' | 'checkCode' | 'lastCheck'>;

/** Why a check failed, in words, and what it was. */
export function downReason(row: Checked, vs: VirtualService, rs: Pick<RealServer, 'port'>, settings: Settings): string {
  return `${failure(row, vs, settings)} (${checkName(vs, rs)})`;
}

/** "check http port 80 /health". */
export function checkName(vs: VirtualService, rs: Pick<RealServer, 'port'>): string {
  if (vs.checkType === 'icmp') return 'check icmp';
  const web = vs.checkType === 'http' || vs.checkType === 'https';
  return `check ${vs.checkType} port ${checkedPort(vs, rs)}${web ? ` ${vs.checkUrl}` : ''}`;
}

/** Codes: management guide 2.6, 9.1, check_status. */
function failure(row: Checked, vs: VirtualService, settings: Settings): string {
  const { timeout } = checkTimes(vs, settings);
  // Which step of a sequence it was says nothing to anybody but us.
  const said = lower(row.lastCheck.replace(/ at (?:initial connection )?step\b.*$/, '').trim());
  switch (row.checkStatus) {
    case 'L4TOUT':
      return `no connection within ${timeout} s`;
    case 'L6TOUT':
      return `no TLS handshake within ${timeout} s`;
    case 'L7TOUT':
      return said === '' ? `no answer within ${timeout} s` : `${said} within ${timeout} s`;
    case 'L6RSP':
      return 'TLS handshake failed';
    case 'L7STS':
      return `answered ${row.checkCode}`;
    case 'L7RSP':
      if (vs.checkType.startsWith('http') && !said.startsWith('the pattern')) return 'the answer was not HTTP';
      if (said === '' || /empty response|closed/.test(said)) return 'the connection was closed without an answer';
      return said.startsWith('TCPCHK') ? 'the answer was cut short' : said;
    case 'L4CON':
      return said || 'connection failed';
    default:
      return said || 'the check failed';
  }
}

/** Abbreviations stay as they are. */
const lower = (text: string) => text.replace(/^[A-Z](?![A-Z])/, letter => letter.toLowerCase());
