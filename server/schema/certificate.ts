import Type, { type Static } from 'typebox';
import { id, lines, longText, optionalRef, secret, text, whole } from './fields.ts';

/** At least two labels, in letters that DNS carries; the last is no number, so no address is one. */
export const HOST_NAME = '^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$';

/** A certificate with its key as it is stored. Without `chain` it is only a request that waits for its answer. */
export const certificate = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Certificate Identifier',
      help: 'What people call this certificate. Must be unique.',
      group: 'basic',
      compat: 'cert',
      min: 1,
      max: 64,
    }),
    chain: longText({
      label: 'Certificate',
      help: 'The certificate and its intermediates as PEM, the server’s own first.',
      group: 'basic',
      default: '',
      max: 65_536,
    }),
    key: secret({ label: 'Private Key', help: 'PEM, not encrypted.', group: 'basic', max: 16_384 }),
    request: longText({
      label: 'Signing Request',
      help: 'The request that waits for its answer, as PEM.',
      group: 'basic',
      default: '',
      max: 16_384,
    }),
    requestKey: secret({
      label: 'Key of the Request',
      help: 'Becomes the private key when the answer is installed.',
      group: 'basic',
      max: 16_384,
    }),
    acmeAccount: optionalRef({
      label: 'ACME Account',
      help: 'The account that issues and renews it by itself. None: somebody does it by hand.',
      group: 'basic',
      refers: 'acmeAccount',
    }),
    acmeNames: lines({
      label: 'Host Names',
      help: 'The names it is issued for, one to a line, the first as its subject. No wildcards: those cannot be proved over HTTP.',
      group: 'basic',
      max: 100,
      longest: 253,
      pattern: HOST_NAME,
    }),
    renewDays: whole({
      label: 'Renew Period',
      help: 'Renewed when fewer than this many days are left, or half its life if that is shorter. 1 to 60.',
      group: 'basic',
      compat: 'renewperiod',
      default: 30,
      min: 1,
      max: 60,
    }),
  },
  { additionalProperties: false, title: 'Certificate' },
);

export type Certificate = Static<typeof certificate>;
