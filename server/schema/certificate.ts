import Type, { type Static } from 'typebox';
import { id, longText, secret, text } from './fields.ts';

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
  },
  { additionalProperties: false, title: 'Certificate' },
);

export type Certificate = Static<typeof certificate>;
