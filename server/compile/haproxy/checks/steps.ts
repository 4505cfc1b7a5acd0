/**
 * Steps of `option tcp-check` (configuration manual 2.6, 4.2). Whatever is sent or expected goes as hexadecimal or as
 * our own expression, so no value of a user's is ever read as configuration.
 */

import { quoted, word } from '../../word.ts';

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** Sends text as it is. */
export const sendText = (text: string): string => sendHex(hex(new TextEncoder().encode(text)));

/** Sends bytes written as hexadecimal pairs. */
export const sendHex = (pairs: string): string => `tcp-check send-binary ${word(pairs.replaceAll(' ', ''))}`;

interface Expectation {
  /** Expression of the answer; of its hexadecimal form when `binary`. */
  match: string;
  binary?: boolean;
  /** With this many bytes there a mismatch is one; without it the check waits for more until it times out. */
  least?: number;
  /** The answer begins with a three digit code, which is reported. */
  coded?: boolean;
  /** What a failure is called. */
  reason?: string;
}

export function expect({ match, binary, least, coded, reason }: Expectation): string {
  return [
    'tcp-check expect',
    ...(least === undefined ? [] : ['min-recv', word(least)]),
    ...(coded ? ['error-status L7STS status-code res.payload(0,3)'] : []),
    ...(reason === undefined ? [] : ['on-error', quoted(reason)]),
    binary ? 'rbinary' : 'rstring',
    quoted(match),
  ].join(' ');
}
