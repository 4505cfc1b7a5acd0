import Type, { type Static } from 'typebox';
import { choice, lines, optionalRef, port } from './fields.ts';

/** How grave an event is, from the gravest; the number of each is that of RFC 5424. */
export const levels = ['emergency', 'critical', 'error', 'warning', 'notice', 'info'] as const;
export type Level = (typeof levels)[number];
export const severityNumber: Readonly<Record<Level, number>> = {
  emergency: 0,
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
};

const protocols = ['udp', 'tcp', 'tls'] as const;
export type SyslogProtocol = (typeof protocols)[number];

/** host, host/port, host/protocol or host/port/protocol. */
const TARGET =
  '^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/[1-9][0-9]{0,4})?(?:/(?:udp|tcp|tls))?$';
/** In all levels together. */
export const MOST_TARGETS = 10;

const hosts = (compat: string, label: string, help: string) =>
  lines({ label, help, group: 'syslog', compat, max: MOST_TARGETS, longest: 270, pattern: TARGET });

/** Where events are sent as they happen. The names of a LoadMaster. */
export const syslogSettings = {
  syslogEmergency: hosts(
    'syslogemergency',
    'Emergency Hosts',
    'Get emergencies only. Nothing Ballast tells is one today. One to a line, as host, host/port or host/port/tls.',
  ),
  syslogCritical: hosts(
    'syslogcritical',
    'Critical Hosts',
    'Get what stops all traffic, such as HAProxy not running. A host stands in one of these lists only.',
  ),
  syslogError: hosts(
    'syslogerror',
    'Error Hosts',
    'Get that and everything bad, such as a Real Server that went down.',
  ),
  syslogWarning: hosts('syslogwarn', 'Warning Hosts', 'Get that and warnings, such as refused log-ins.'),
  syslogNotice: hosts(
    'syslognotice',
    'Notice Hosts',
    'Get that and good news, such as a Real Server that is up again.',
  ),
  syslogInfo: hosts('sysloginfo', 'Info Hosts', 'Get everything, log-ins and changes of the configuration too.'),
  syslogPort: port({
    label: 'Syslog Port',
    help: 'For hosts that name none. 514 is usual for UDP and TCP, 6514 for TLS.',
    group: 'syslog',
    compat: 'SyslogPort',
    default: 514,
  }),
  syslogProtocol: choice({
    label: 'Syslog Protocol',
    help: 'For hosts that name none. Messages are those of RFC 5424, over TCP and TLS with their length in front.',
    group: 'syslog',
    compat: 'SyslogProt',
    default: 'udp',
    options: [
      { value: 'udp', label: 'UDP', compat: 'udp' },
      { value: 'tcp', label: 'TCP', compat: 'tcp' },
      { value: 'tls', label: 'TLS', compat: 'tls' },
    ],
  }),
  syslogTrust: optionalRef({
    label: 'Trusted Authority of Syslog Hosts',
    help: 'Who signs their certificates for TLS. None: the authorities every browser trusts.',
    group: 'syslog',
    refers: 'authority',
  }),
};

export const syslogLists: readonly { property: keyof typeof syslogSettings; level: Level }[] = [
  { property: 'syslogEmergency', level: 'emergency' },
  { property: 'syslogCritical', level: 'critical' },
  { property: 'syslogError', level: 'error' },
  { property: 'syslogWarning', level: 'warning' },
  { property: 'syslogNotice', level: 'notice' },
  { property: 'syslogInfo', level: 'info' },
];

export interface SyslogTarget {
  host: string;
  port: number;
  protocol: SyslogProtocol;
  /** The least grave that it gets. */
  level: Level;
}

type Stored = { [K in keyof typeof syslogSettings]: Static<(typeof syslogSettings)[K]> };

/** Every target of the settings, with port and protocol. */
export function syslogTargets(settings: Stored): SyslogTarget[] {
  return syslogLists.flatMap(({ property, level }) =>
    (settings[property] as string[]).map(entry => {
      const [host = '', ...more] = entry.split('/');
      const protocol = more.find(part => (protocols as readonly string[]).includes(part));
      const own = more.find(part => part !== protocol);
      return {
        host,
        port: Number(own ?? settings.syslogPort),
        protocol: (protocol ?? settings.syslogProtocol) as SyslogProtocol,
        level,
      };
    }),
  );
}

/** How the messages to one target are doing. */
const syslogState = Type.Object({
  target: Type.String({ description: 'host/port/protocol' }),
  level: Type.Unsafe<Level>({ enum: [...levels] }),
  state: Type.Unsafe<'unused' | 'sending' | 'failing'>({
    enum: ['unused', 'sending', 'failing'],
    description: 'unused: nothing was sent yet. sending: the last message left. failing: it is tried again.',
  }),
  waiting: Type.Integer({ description: 'Messages that wait to be sent.' }),
  sent: Type.Integer(),
  lost: Type.Integer({ description: 'Messages dropped because too many waited.' }),
  reason: Type.String({ description: 'Why it fails; empty when it does not.' }),
});
export type SyslogState = Static<typeof syslogState>;

export const syslogCalls = {
  getSyslog: {
    method: 'GET',
    path: '/api/syslog',
    role: 'read-only',
    tag: 'Settings',
    summary: 'How the messages to each syslog target are doing.',
    reply: Type.Array(syslogState),
  },
  testSyslog: {
    method: 'POST',
    path: '/api/syslog/test',
    role: 'administrator',
    tag: 'Settings',
    summary: 'Send a test message to every syslog target, whatever its level, and say how they are doing then.',
    reply: Type.Array(syslogState),
  },
} as const;
