import Type, { type Static } from 'typebox';
import { id, longText, text } from './fields.ts';

/** Certificates of issuers: intermediates that complete chains, and authorities that sign clients or Real Servers. */
export const authority = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Name',
      help: 'What people call this set of issuers. Must be unique.',
      group: 'basic',
      compat: 'cert',
      min: 1,
      max: 64,
    }),
    chain: longText({
      label: 'Certificates',
      help: 'One or more certificates of issuers as PEM.',
      group: 'basic',
      default: '',
      max: 262_144,
    }),
    revocations: longText({
      label: 'Revocation Lists',
      help: 'Lists of revoked certificates (CRL) of these issuers as PEM. Empty: nothing is revoked.',
      group: 'basic',
      default: '',
      max: 1_048_576,
    }),
  },
  { additionalProperties: false, title: 'Certificate Authority' },
);

export type Authority = Static<typeof authority>;
