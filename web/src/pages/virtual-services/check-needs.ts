import type { Needs } from '../../form/blocks.ts';

const CHECKED = [
  'tcp',
  'http',
  'https',
  'icmp',
  'smtp',
  'nntp',
  'ftp',
  'telnet',
  'pop3',
  'imap',
  'dns',
  'rdp',
  'ldap',
  'binary',
];
const WEB = ['http', 'https'];

/** What of a health check has no effect without something else. */
export const checkNeeds: Needs = {
  checkPort: { of: 'checkType', among: CHECKED.filter(type => type !== 'icmp') },
  checkTls: { of: 'checkType', among: ['tcp', 'smtp', 'nntp', 'ftp', 'telnet', 'pop3', 'imap', 'ldap', 'binary'] },
  checkMethod: { of: 'checkType', among: WEB },
  checkUrl: { of: 'checkType', among: WEB },
  checkHost: { of: 'checkType', among: WEB },
  checkHeaders: { of: 'checkType', among: WEB },
  checkBody: { of: 'checkMethod', among: ['POST'] },
  checkCodes: { of: 'checkType', among: WEB },
  checkPattern: { of: 'checkMethod', among: ['GET', 'POST', 'OPTIONS'] },
  checkName: { of: 'checkType', among: ['dns'] },
  checkSend: { of: 'checkType', among: ['binary'] },
  checkExpect: { of: 'checkType', among: ['binary'] },
  checkMatchLength: { of: 'checkType', among: ['binary'] },
  checkInterval: { of: 'checkType', among: CHECKED },
  checkTimeout: { of: 'checkType', among: CHECKED },
  checkRetries: { of: 'checkType', among: CHECKED },
  minimumServers: { of: 'enhancedChecks', among: [true] },
};
