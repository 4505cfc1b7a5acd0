import Type, { type Static } from 'typebox';
import { flag, id, optionalRef, port, secret, text } from './fields.ts';

/** An account at an authority that issues certificates by itself (ACME, RFC 8555). */
export const acmeAccount = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Name',
      help: 'What people call this account. Must be unique.',
      group: 'basic',
      min: 1,
      max: 64,
    }),
    directory: text({
      label: 'Directory URL',
      help: 'Where the authority’s ACME directory is.',
      group: 'basic',
      default: 'https://acme-v02.api.letsencrypt.org/directory',
      min: 9,
      max: 512,
      pattern: '^https://[\\x21-\\x7e]+$',
    }),
    email: text({
      label: 'Email',
      help: 'Where the authority writes to when something is wrong.',
      group: 'basic',
      default: '',
      max: 254,
      pattern: '^(?:[!-?A-~]+@[!-?A-~]+)?$',
    }),
    termsAgreed: flag({
      label: 'Terms Agreed',
      help: 'You have read the authority’s terms of service and agree to them; most authorities register nobody else.',
      group: 'basic',
      default: false,
    }),
    trust: optionalRef({
      label: 'Trusted Authority',
      help: 'Who signs the certificate of the directory itself. None: the authorities every browser trusts.',
      group: 'basic',
      refers: 'authority',
    }),
    challengePort: port({
      label: 'Challenge Port',
      help: 'Where the authority asks for the proof of a name: 80, unless it is an internal one that was told otherwise.',
      group: 'basic',
      default: 80,
    }),
    key: secret({
      label: 'Account Key',
      help: 'Made by Ballast when the account is used first, as PEM.',
      group: 'basic',
      max: 16_384,
    }),
    url: text({
      label: 'Account URL',
      help: 'The authority’s name for this account, once it is registered.',
      group: 'basic',
      default: '',
      max: 512,
      pattern: '^[\\x21-\\x7e]*$',
    }),
    keyId: text({
      label: 'Key ID',
      help: 'External account binding: the key’s name, where the authority gave one.',
      group: 'basic',
      default: '',
      max: 256,
      pattern: '^[\\x21-\\x7e]*$',
    }),
    hmac: secret({
      label: 'HMAC Key',
      help: 'External account binding: the key in base64url.',
      group: 'basic',
      max: 1024,
    }),
  },
  { additionalProperties: false, title: 'ACME Account' },
);

export type AcmeAccount = Static<typeof acmeAccount>;
