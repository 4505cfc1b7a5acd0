import { choice, flag, refs } from '../fields.ts';

/** TLS with clients and with Real Servers. */
export const sslFields = {
  tls: flag({
    label: 'SSL Acceleration',
    help: 'TLS ends here; Real Servers get plain text unless Reencrypt is on.',
    group: 'ssl',
    compat: 'SSLAcceleration',
    default: false,
  }),
  certificates: refs({
    label: 'Certificates',
    help: 'The first is shown to clients that name no host, the others are chosen by the host name a client asks for.',
    group: 'ssl',
    compat: 'CertFile',
    refers: 'certificate',
    max: 256,
  }),
  tlsMinimum: choice({
    label: 'Oldest TLS Version',
    help: 'Clients that speak only older versions are refused.',
    group: 'ssl',
    compat: 'TLSType',
    default: 'TLSv1.2',
    options: [
      { value: 'TLSv1.2', label: 'TLS 1.2' },
      { value: 'TLSv1.3', label: 'TLS 1.3' },
    ],
  }),
  reencrypt: flag({
    label: 'Reencrypt',
    help: 'Opens a new TLS connection to the Real Server. Its certificate is not verified.',
    group: 'ssl',
    compat: 'SSLReencrypt',
    default: false,
  }),
};
