import type { VirtualService } from '../virtual-service.ts';

export interface Ciphers {
  /** OpenSSL's names for TLS 1.2 and older; what a version or a key cannot use is passed over. */
  ciphers: readonly string[];
  /** Of TLS 1.3. */
  suites: readonly string[];
  /** Needs algorithms that OpenSSL offers only at its lowest security level. */
  weak?: true;
}

const EC128 = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'];
const EC256 = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'];
const CHACHA = ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'];
const DHE = ['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-CHACHA20-POLY1305'];
/** With forward secrecy, for clients without GCM. */
const CBC = [
  ...['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-RSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA'],
  ...['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-RSA-AES256-SHA384', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA'],
  ...['DHE-RSA-AES128-SHA256', 'DHE-RSA-AES256-SHA256'],
];
const NO_SECRECY = [
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
];

const S128 = 'TLS_AES_128_GCM_SHA256';
const S256 = 'TLS_AES_256_GCM_SHA384';
const SCHACHA = 'TLS_CHACHA20_POLY1305_SHA256';
const SUITES = [S128, S256, SCHACHA];

/**
 * The named sets. Default, intermediate and backward are Mozilla's guidelines 5.7 (intermediate without DHE,
 * intermediate, old without 3DES). No set holds NULL, RC4, 3DES or anonymous ciphers: OpenSSL 3 has most of them no more.
 */
export const cipherSets: Record<Exclude<VirtualService['cipherSet'], 'custom'>, Ciphers> = {
  default: { ciphers: [...EC128, ...EC256, ...CHACHA], suites: SUITES },
  'best-practices': { ciphers: [...EC256, ...CHACHA, ...EC128], suites: [S256, SCHACHA, S128] },
  intermediate: { ciphers: [...EC128, ...EC256, ...CHACHA, ...DHE], suites: SUITES },
  modern: { ciphers: [...EC128, ...EC256, ...CHACHA], suites: SUITES },
  fips: { ciphers: [...EC256, ...EC128], suites: [S256, S128] },
  ecdsa: { ciphers: [...EC128, ...EC256, ...CHACHA].filter(name => name.includes('-ECDSA-')), suites: SUITES },
  backward: { ciphers: [...EC128, ...EC256, ...CHACHA, ...DHE, ...CBC, ...NO_SECRECY], suites: SUITES, weak: true },
  legacy: {
    ciphers: [
      ...[...EC128, ...EC256, ...CHACHA, ...DHE, ...CBC, 'DHE-RSA-AES128-SHA', 'DHE-RSA-AES256-SHA', ...NO_SECRECY],
      ...['ECDHE-ECDSA-CAMELLIA128-SHA256', 'ECDHE-RSA-CAMELLIA128-SHA256', 'CAMELLIA128-SHA', 'CAMELLIA256-SHA'],
    ],
    suites: SUITES,
    weak: true,
  },
};
