import { inputs, type Shipped, type Stated, service, shipped } from '../builder.ts';
import { address, certificate, samePort, servers, spread } from './common.ts';

/** Mail protocols, with Exchange or any other server behind (loadmaster-features.md 6.2). */
const GROUP = 'Mail';

const relayed: Stated = { type: ['tcp', 'A mail protocol is relayed as it comes.'], ...address, ...spread };

const smtp: Stated = {
  ...relayed,
  persistence: [
    'source-ip',
    'A sender that opens several connections meets one server, which its limits by sender count on.',
  ],
  idleTimeout: [120, 'A mail server has nothing to be silent about: two minutes are what senders expect.'],
};

const reading = (protocol: string): Stated => ({
  ...relayed,
  persistence: ['none', 'Every connection logs in for itself and may go to any server.'],
  idleTimeout: [3600, `${protocol} clients keep a connection open and wait for mail.`],
});

const offloaded: Stated = {
  tls: [true, 'TLS ends here: one certificate to renew, and servers need none.'],
  certificates: certificate.certificates as NonNullable<Stated['certificates']>,
};

const throughTls: Stated = { checkTls: [true, 'Servers speak TLS on this port from the first byte.'] };

const SMTP_CHECK: Stated = {
  checkType: ['smtp', 'Waits for the greeting and says HELO: a server that only takes connections is not enough.'],
};
const IMAP_CHECK: Stated = { checkType: ['imap', 'Waits for the server’s greeting.'] };
const POP_CHECK: Stated = { checkType: ['pop3', 'Waits for the server’s greeting.'] };

const base = [inputs.address, inputs.servers];
const withCertificate = [...base, inputs.certificate];
const filtering =
  'Servers see the address of this appliance, not the sender’s: filters and block lists by address work on them only with transparency, which comes with the network.';

export const mail: Shipped[] = [
  shipped('smtp', GROUP, {
    name: 'SMTP',
    comment: 'Mail between servers on port 25; STARTTLS passes through.',
    notes: [filtering],
    inputs: base,
    services: [
      service(
        { name: ['SMTP', 'What it is.'], port: [25, 'Where servers deliver mail.'], ...smtp, ...SMTP_CHECK },
        { servers: samePort },
      ),
    ],
  }),
  shipped('smtp-submission', GROUP, {
    name: 'SMTP and submission',
    comment: 'Ports 25 and 587, STARTTLS passed through, and SMTPS on 465 passed through.',
    notes: [filtering],
    inputs: base,
    services: [
      service(
        { name: ['SMTP', 'What it is.'], port: [25, 'Where servers deliver mail.'], ...smtp, ...SMTP_CHECK },
        { servers: samePort },
      ),
      service(
        {
          name: ['SMTP submission', 'What it is.'],
          port: [587, 'Where clients hand in mail.'],
          ...smtp,
          ...SMTP_CHECK,
        },
        { servers: samePort },
      ),
      service(
        {
          name: ['SMTPS', 'What it is.'],
          port: [465, 'Where clients hand in mail over TLS.'],
          ...smtp,
          ...SMTP_CHECK,
          ...throughTls,
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('smtps-offloaded', GROUP, {
    name: 'SMTPS Offloaded',
    comment: 'TLS of port 465 ends here; servers get SMTP on port 25.',
    notes: [filtering, 'STARTTLS cannot be offloaded: it passes through on port 25.'],
    inputs: withCertificate,
    services: [
      service(
        {
          name: ['SMTPS Offloaded', 'What it is.'],
          port: [465, 'Where clients hand in mail over TLS.'],
          ...smtp,
          ...offloaded,
          ...SMTP_CHECK,
        },
        { servers: servers('TLS ends here, so servers are asked on their plain port.', 25) },
      ),
    ],
  }),
  shipped('imap', GROUP, {
    name: 'IMAP4 and IMAPS',
    comment: 'Ports 143 and 993, TLS passed through.',
    inputs: base,
    services: [
      service(
        { name: ['IMAP4', 'What it is.'], port: [143, 'The port of IMAP.'], ...reading('IMAP'), ...IMAP_CHECK },
        { servers: samePort },
      ),
      service(
        {
          name: ['IMAPS', 'What it is.'],
          port: [993, 'The port of IMAP over TLS.'],
          ...reading('IMAP'),
          ...IMAP_CHECK,
          ...throughTls,
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('imaps-offloaded', GROUP, {
    name: 'IMAPS Offloaded',
    comment: 'TLS of port 993 ends here; servers get IMAP on port 143.',
    notes: ['On Exchange set the login type of IMAP to plain text, or servers refuse log-ins without TLS.'],
    inputs: withCertificate,
    services: [
      service(
        {
          name: ['IMAPS Offloaded', 'What it is.'],
          port: [993, 'The port of IMAP over TLS.'],
          ...reading('IMAP'),
          ...offloaded,
          ...IMAP_CHECK,
        },
        { servers: servers('TLS ends here, so servers are asked on their plain port.', 143) },
      ),
    ],
  }),
  shipped('pop3', GROUP, {
    name: 'POP3 and POP3S',
    comment: 'Ports 110 and 995, TLS passed through.',
    inputs: base,
    services: [
      service(
        { name: ['POP3', 'What it is.'], port: [110, 'The port of POP3.'], ...reading('POP3'), ...POP_CHECK },
        { servers: samePort },
      ),
      service(
        {
          name: ['POP3S', 'What it is.'],
          port: [995, 'The port of POP3 over TLS.'],
          ...reading('POP3'),
          ...POP_CHECK,
          ...throughTls,
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('pop3s-offloaded', GROUP, {
    name: 'POP3S Offloaded',
    comment: 'TLS of port 995 ends here; servers get POP3 on port 110.',
    notes: ['On Exchange set the login type of POP to plain text, or servers refuse log-ins without TLS.'],
    inputs: withCertificate,
    services: [
      service(
        {
          name: ['POP3S Offloaded', 'What it is.'],
          port: [995, 'The port of POP3 over TLS.'],
          ...reading('POP3'),
          ...offloaded,
          ...POP_CHECK,
        },
        { servers: servers('TLS ends here, so servers are asked on their plain port.', 110) },
      ),
    ],
  }),
];
