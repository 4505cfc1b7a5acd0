import type { VirtualService } from '../../../schema/virtual-service.ts';
import { formatted, quoted, quotedLines, word } from '../../word.ts';
import { expect, sendText } from './steps.ts';

/** Codes beside 2xx that count as healthy when none are given (loadmaster-features: default Up set). */
const DEFAULT_CODES = '301 302 401';

/** HTTP and HTTPS: 2xx and the listed codes are up; the pattern speaks of the body of 2xx only. */
export function httpCheck(vs: VirtualService): string[] {
  const codes = (vs.checkCodes || DEFAULT_CODES).split(' ').sort();
  return vs.checkPattern !== '' && vs.checkMethod !== 'HEAD' ? withPattern(vs, codes) : byCode(vs, codes);
}

function byCode(vs: VirtualService, codes: string[]): string[] {
  const host = vs.checkHost === '' ? 'ver HTTP/1.0' : `ver HTTP/1.1 hdr host ${quoted(vs.checkHost)}`;
  const headers = headersOf(vs).map(({ name, value }) => ` hdr ${quoted(name)} ${quoted(formatted(value))}`);
  const body = bodyOf(vs) ? ` body ${quotedLines(bodyOf(vs))}` : '';
  return [
    'option httpchk',
    `http-check send meth ${word(vs.checkMethod)} uri ${quoted(vs.checkUrl)} ${host}${headers.join('')}${body}`,
    `http-check expect status 200-299,${codes.map(word).join(',')}`,
  ];
}

/**
 * HAProxy's own HTTP check joins several expectations by “and” only. So this one speaks HTTP by itself: first the
 * code, then that the answer is either not 2xx or has the pattern in its body.
 */
function withPattern(vs: VirtualService, codes: string[]): string[] {
  const inverted = vs.checkPattern.startsWith('^');
  const pattern = inverted ? vs.checkPattern.slice(1) : vs.checkPattern;
  const body = '^HTTP/1\\.[01] 2.*?\\r?\\n\\r?\\n';
  const reason = inverted ? 'the pattern was in the answer' : 'the pattern was not in the answer';
  return [
    'option tcp-check',
    sendText(requestOf(vs)),
    'tcp-check expect min-recv 12 error-status L7RSP rstring ^HTTP/1',
    `tcp-check expect min-recv 12 error-status L7STS status-code res.payload(9,3) rstring ${quoted(
      `^HTTP/1\\.[01] (?:2[0-9][0-9]|${codes.map(word).join('|')})`,
    )}`,
    inverted
      ? // Waits for the end of the answer, or for the pattern.
        `tcp-check expect error-status L7RSP on-error ${quoted(reason)} ! rstring ${quoted(`(?s)${body}.*(?:${pattern})`)}`
      : expect({ match: `(?s)^HTTP/1\\.[01] [3-5]|${body}.*(?:${pattern})`, reason }),
  ];
}

/** The request's bytes. `Connection: close`, so that the end of the body is the end of the connection. */
function requestOf(vs: VirtualService): string {
  const body = bodyOf(vs);
  return [
    `${vs.checkMethod} ${vs.checkUrl} HTTP/1.${vs.checkHost === '' ? '0' : '1'}`,
    ...(vs.checkHost === '' ? [] : [`host: ${vs.checkHost}`]),
    ...headersOf(vs).map(({ name, value }) => `${name}: ${value}`),
    'connection: close',
    ...(vs.checkMethod === 'POST' ? [`content-length: ${new TextEncoder().encode(body).length}`] : []),
    '',
    body,
  ].join('\r\n');
}

const bodyOf = (vs: VirtualService) => (vs.checkMethod === 'POST' ? vs.checkBody : '');

const headersOf = (vs: VirtualService) =>
  vs.checkHeaders.map(line => {
    const at = line.indexOf(':');
    return { name: line.slice(0, at), value: line.slice(at + 1).trim() };
  });
