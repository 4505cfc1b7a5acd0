import Type, { type Static } from 'typebox';
import { choice, flag, lines, optionalRef, port, secret, text, whole } from './fields.ts';
import { type Level, levels } from './syslog.ts';

/** As a mail server takes it, and nothing that could begin another header or command. */
export const MAIL_ADDRESS =
  "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*";
const HOST = '^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)?$';

const recipients = (compat: string, label: string, help: string) =>
  lines({ label, help, group: 'email', compat, max: 20, longest: 254, pattern: `^${MAIL_ADDRESS}$` });

/** Who is told of events by mail, and by which server. The names of a LoadMaster, where it has them. */
export const mailSettings = {
  emailEnabled: flag({
    label: 'E-mail Alerts',
    help: 'Events are told by mail: the first after 10 seconds, what follows together in one mail after the time below.',
    group: 'email',
    compat: 'emailenable',
    default: false,
  }),
  emailServer: text({
    label: 'Mail Server',
    help: 'Name or address of the server that takes the mails.',
    group: 'email',
    compat: 'emailserver',
    default: '',
    max: 253,
    pattern: HOST,
  }),
  emailPort: port({
    label: 'Mail Server Port',
    help: '25 is usual between servers, 587 for log-in with STARTTLS, 465 for TLS.',
    group: 'email',
    compat: 'emailport',
    default: 25,
  }),
  emailSecurity: choice({
    label: 'Connection Security',
    help: 'With STARTTLS and TLS the certificate must be good. If offered: encrypted when the server can, and any certificate will do.',
    group: 'email',
    compat: 'emailsslmode',
    default: 'starttls',
    options: [
      { value: 'none', label: 'None', compat: '0' },
      { value: 'offered', label: 'STARTTLS, if offered', compat: '1' },
      { value: 'starttls', label: 'STARTTLS', compat: '2' },
      { value: 'tls', label: 'TLS', compat: '3' },
    ],
  }),
  emailTrust: optionalRef({
    label: 'Trusted Authority of the Mail Server',
    help: 'Who signs its certificate. None: the authorities every browser trusts.',
    group: 'email',
    refers: 'authority',
  }),
  emailUser: text({
    label: 'Mail User',
    help: 'Who logs in there. Empty: nobody does. The password is sent over encrypted connections only.',
    group: 'email',
    compat: 'emailuser',
    default: '',
    max: 254,
  }),
  emailPassword: secret({
    label: 'Mail Password',
    help: 'Kept here and never shown.',
    group: 'email',
    compat: 'emailpassword',
    max: 256,
  }),
  emailSender: text({
    label: 'Sender',
    help: 'The address mails come from. Empty: ballast at the mail domain.',
    group: 'email',
    default: '',
    max: 254,
    pattern: `^(?:${MAIL_ADDRESS})?$`,
  }),
  emailDomain: text({
    label: 'Mail Domain',
    help: 'What the appliance calls itself to the mail server. Empty: its host name.',
    group: 'email',
    compat: 'emaildomain',
    default: '',
    max: 253,
    pattern: '^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?$',
  }),
  emailInterval: whole({
    label: 'Minutes between Mails',
    help: 'After a mail the next goes this many minutes later and holds all that happened, 100 events in words and the rest as a number.',
    group: 'email',
    default: 10,
    min: 1,
    max: 1440,
  }),
  emailEmergency: recipients(
    'emailemergency',
    'Emergency Recipients',
    'Get emergencies only. Nothing Ballast tells is one today. One address to a line.',
  ),
  emailCritical: recipients(
    'emailcritical',
    'Critical Recipients',
    'Get what stops all traffic, such as HAProxy not running. An address may stand in several lists: the lowest counts.',
  ),
  emailError: recipients(
    'emailerror',
    'Error Recipients',
    'Get that and everything bad, such as a Real Server that went down.',
  ),
  emailWarning: recipients('emailwarn', 'Warning Recipients', 'Get that and warnings, such as refused log-ins.'),
  emailNotice: recipients(
    'emailnotice',
    'Notice Recipients',
    'Get that and good news, such as a Real Server that is up again.',
  ),
  emailInfo: recipients(
    'emailinfo',
    'Info Recipients',
    'Get everything, log-ins and changes of the configuration too.',
  ),
};

type Stored = { [K in keyof typeof mailSettings]: Static<(typeof mailSettings)[K]> };

const lists: readonly { property: keyof typeof mailSettings; level: Level }[] = [
  { property: 'emailEmergency', level: 'emergency' },
  { property: 'emailCritical', level: 'critical' },
  { property: 'emailError', level: 'error' },
  { property: 'emailWarning', level: 'warning' },
  { property: 'emailNotice', level: 'notice' },
  { property: 'emailInfo', level: 'info' },
];

/** Who gets which level and all graver ones; those who stand in several lists by the least grave. */
export function recipientsOf(settings: Stored): Map<Level, string[]> {
  const of = new Map<string, Level>();
  for (const { property, level } of lists)
    for (const address of settings[property] as string[]) of.set(address.toLowerCase(), level);
  return new Map(
    levels.map(level => [level, [...of].filter(([, least]) => least === level).map(([address]) => address)] as const),
  );
}

const mailState = Type.Object({
  hasPassword: Type.Boolean(),
  lastSent: Type.Union([Type.Integer(), Type.Null()], { description: 'Milliseconds since 1970.' }),
  waiting: Type.Integer({ description: 'Events that wait for the next mail.' }),
  error: Type.String({ description: 'Why the last mail could not be sent; empty when it was.' }),
});
export type MailState = Static<typeof mailState>;

const testedMail = Type.Object({
  sent: Type.Boolean(),
  answer: Type.String({ description: 'What the mail server said, or why it was not reached.' }),
});
export type TestedMail = Static<typeof testedMail>;

export const mailCalls = {
  getMail: {
    method: 'GET',
    path: '/api/mail',
    role: 'read-only',
    tag: 'Settings',
    summary: 'How mail alerts are doing.',
    reply: mailState,
  },
  testMail: {
    method: 'POST',
    path: '/api/mail/test',
    role: 'administrator',
    tag: 'Settings',
    summary: 'Send a test mail by the stored settings, and say what the mail server answered.',
    body: Type.Object(
      { to: Type.String({ maxLength: 254, pattern: `^${MAIL_ADDRESS}$`, title: 'Recipient' }) },
      { additionalProperties: false },
    ),
    reply: testedMail,
  },
} as const;
