import type { VirtualService } from '../../../schema/virtual-service.ts';
import { expect, sendHex } from './steps.ts';

/** RFC 854: the server's first byte is IAC, with which it begins to agree on options. */
export const telnetCheck = (): string[] => [
  'option tcp-check',
  expect({ match: '^FF', binary: true, least: 1, reason: 'the greeting has no Telnet options' }),
];

/**
 * MS-RDPBCGR, 2.2.1.1 and 2.2.1.2: an X.224 connection request that offers TLS and NLA (CredSSP), and its confirm. The
 * confirm of a server that knows no choice ends after 11 bytes; 02 is its choice; 03 with 02 says that it wants the
 * old security of RDP, which many clients can speak. Any other refusal is one.
 */
export const rdpCheck = (): string[] => [
  'option tcp-check',
  sendHex('03000013 0E E0 0000 0000 00 01 00 0800 03000000'),
  expect({ match: '^0300.{6}D0', binary: true, least: 6, reason: 'the answer was no RDP connection confirm' }),
  expect({ match: '^.{22}(?:$|02|03..080002)', binary: true, least: 11, reason: 'RDP refused TLS and NLA' }),
];

/** A length in BER: short, or 81 to 84 with that many bytes behind. */
const LENGTH = '(?:[0-7].|81..|82.{4}|83.{6}|84.{8})';

/**
 * RFC 4511, 4.2: an anonymous simple bind of version 3, and its response. A server that lets nobody in without a name
 * says so and is well; busy (51), unavailable (52) and a failed operation (1) are not. Then unbind.
 */
export const ldapCheck = (): string[] => [
  'option tcp-check',
  sendHex('300C 020101 6007 020103 0400 8000'),
  expect({ match: `^30${LENGTH}020101`, binary: true, least: 7, reason: 'the answer was not LDAP' }),
  expect({
    match: `^30${LENGTH}02010161${LENGTH}0A01(?!01|33|34)`,
    binary: true,
    least: 12,
    reason: 'the bind was refused: busy or unavailable',
  }),
  sendHex('3005 020102 4200'),
];

/** Bytes of an answer that are looked at, unless told. */
const LARGEST = 8000;

/** Sends bytes, then looks for bytes in the beginning of the answer. */
export function binaryCheck(vs: VirtualService): string[] {
  const within = vs.checkMatchLength || LARGEST;
  const wanted = vs.checkExpect.replace(/../g, pair => `\\x${pair.toUpperCase()}`);
  const match = `(?s)^.{0,${Math.max(0, within - vs.checkExpect.length / 2)}}${wanted}`;
  const reason = 'the expected bytes did not come';
  return [
    'option tcp-check',
    ...(vs.checkSend ? [sendHex(vs.checkSend)] : []),
    ...(wanted === ''
      ? [expect({ match: '(?s)^.' })]
      : // Waits until they are there, or cannot come any more.
        [expect({ match: `${match}|^.{${within}}`, reason }), expect({ match, least: 1, reason })]),
  ];
}
