import { expect, sendText } from './steps.ts';

/**
 * Protocols of text lines: a greeting, perhaps one exchange, and a farewell, so that the server's log has no broken
 * session. What is wrong is known with its first bytes; what is right is waited for to its last line.
 */
const GREETS = (code: string, reason: string) => [
  expect({ match: `^${code}`, least: 3, coded: true, reason }),
  expect({ match: `^(?:${code}-[^\\n]*\\n)*${code}(?: [^\\n]*)?\\r?\\n` }),
];

/** RFC 5321, 3.1: 220, HELO, 250. */
export const smtpCheck = (): string[] => [
  'option tcp-check',
  ...GREETS('220', 'the greeting was not 220'),
  sendText('HELO ballast\r\n'),
  ...GREETS('250', 'HELO was not answered with 250'),
  sendText('QUIT\r\n'),
];

/** RFC 959, 5.4: 220; 120 says that the server is not ready yet. */
export const ftpCheck = (): string[] => [
  'option tcp-check',
  ...GREETS('220', 'the greeting was not 220'),
  sendText('QUIT\r\n'),
];

/** RFC 3977, 5.1: 200 with posting, 201 without. */
export const nntpCheck = (): string[] => [
  'option tcp-check',
  ...GREETS('20[01]', 'the greeting was neither 200 nor 201'),
  sendText('QUIT\r\n'),
];

/** RFC 1939, 4. */
export const pop3Check = (): string[] => [
  'option tcp-check',
  expect({ match: '^\\+OK', least: 3, reason: 'the greeting was not +OK' }),
  expect({ match: '^\\+OK[^\\n]*\\n' }),
  sendText('QUIT\r\n'),
];

/** RFC 9051, 7.1. */
export const imapCheck = (): string[] => [
  'option tcp-check',
  expect({ match: '(?i)^\\* (?:OK|PR)', least: 4, reason: 'the greeting was not * OK' }),
  expect({ match: '(?i)^\\* (?:OK|PREAUTH)[^\\n]*\\n' }),
  sendText('b1 LOGOUT\r\n'),
];
