import Type, { type Static } from 'typebox';
import { id, text } from './fields.ts';

/** A list of ciphers of one's own; the named sets every appliance has stand in service/ssl.ts. */
export const cipherSet = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Name',
      help: 'What people call this cipher set. Must be unique.',
      group: 'basic',
      compat: 'name',
      min: 1,
      max: 64,
    }),
    ciphers: text({
      label: 'Ciphers up to TLS 1.2',
      help: 'OpenSSL’s names in order of preference, separated by colons.',
      group: 'basic',
      compat: 'value',
      default: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
      min: 1,
      max: 4096,
      pattern: '^[A-Z0-9-]+(?::[A-Z0-9-]+)*$',
    }),
    suites: text({
      label: 'Suites of TLS 1.3',
      help: 'In order of preference, separated by colons.',
      group: 'basic',
      default: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
      min: 1,
      max: 512,
      pattern: '^TLS_[A-Z0-9_]+(?::TLS_[A-Z0-9_]+)*$',
    }),
  },
  { additionalProperties: false, title: 'Cipher Set' },
);

export type CipherSet = Static<typeof cipherSet>;
