import type { Conversation } from '../support/judge.ts';
import type { StrictRequest } from '../support/strict-origin.ts';
import { valuesOf } from '../support/strict-origin.ts';

/** A conversation as data: bytes as latin1, in pieces sent one after the other. */
export type Case = Omit<Conversation, 'pieces'> & { pieces: string[] };

const get = (target: string, ...headers: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: test', ...headers, '', ''].join('\r\n');
const post = (headers: string[], body: string, target = '/c0000/clean') =>
  [`POST ${target} HTTP/1.1`, 'Host: test', ...headers, '', body].join('\r\n');
const evil = get('/c0000/smuggled');
const hex = (text: string) => text.length.toString(16);
const chunked = (text: string) => `${hex(text)}\r\n${text}\r\n0\r\n\r\n`;

/** A POST whose body, read as told by the wrong header, hides a second request. */
const hidden = (name: string, ...headers: string[]): Case[] => [
  {
    name: `${name}, hidden in what follows a chunked end`,
    pieces: [post(headers, `0\r\n\r\n${evil}`)],
    may: ['POST /c0000/clean '],
  },
];

/** Length fields that are not a plain decimal number. */
const length = (name: string, value: string): Case => ({
  name: `Content-Length ${name}`,
  pieces: [post([`Content-Length: ${value}`], `hello${evil}`)],
});

/** A transfer coding that one reader takes for chunked and another does not. */
const coding = (name: string, ...headers: string[]): Case => ({
  name: `Transfer-Encoding ${name}`,
  pieces: [post(headers, `0\r\n\r\n${evil}`)],
});

const host = (name: string, ...lines: string[]): Case => ({
  name: `Host ${name}`,
  pieces: [['GET /c0000/clean HTTP/1.1', ...lines, '', ''].join('\r\n')],
});

const line = (name: string, first: string): Case => ({
  name: `request line: ${name}`,
  pieces: [`${first}\r\nHost: test\r\n\r\n`],
});

const header = (name: string, text: string): Case => ({
  name: `header: ${name}`,
  pieces: [`GET /c0000/clean HTTP/1.1\r\nHost: test\r\n${text}\r\n\r\n`],
});

const chunk = (name: string, body: string): Case => ({
  name: `chunk: ${name}`,
  pieces: [post(['Transfer-Encoding: chunked'], body)],
});

/** Two different lengths in one request: nobody can have sent that cleanly. */
const twoLengths: Case[] = [
  ...hidden('CL and TE', 'Content-Length: 4', 'Transfer-Encoding: chunked'),
  ...hidden('TE and CL', 'Transfer-Encoding: chunked', 'Content-Length: 4'),
  {
    name: 'TE.CL: the chunk holds a request',
    pieces: [post(['Content-Length: 4', 'Transfer-Encoding: chunked'], chunked(evil))],
    may: [`POST /c0000/clean ${evil}`],
  },
  length('twice, different', '5\r\nContent-Length: 6'),
  length('twice, different, the first larger', `${5 + evil.length}\r\nContent-Length: 5`),
  length('list of different', '5, 6'),
  length('with plus', '+5'),
  length('with minus', '-5'),
  length('empty', ''),
  length('blank inside', '5 5'),
  length('hexadecimal', '0x5'),
  length('with a fraction', '5.0'),
  length('exponent', '5e0'),
  length('2^64', '18446744073709551616'),
  length('2^64 + 5', '18446744073709551621'),
  length('2^63 + 5', '9223372036854775813'),
  // HAProxy 3.0 writes the number anew, which the strict server proves; what follows is then a clean second request.
  {
    ...length('5 behind 40 zeros', `${'0'.repeat(40)}5`),
    may: ['POST /c0000/clean hello', 'GET /c0000/smuggled '],
  },
  length('with a NUL', '5\0'),
  length('with a letter', '5a'),
  // RFC 9112 5.2 lets a proxy put a blank in place of a fold; what follows is then a clean second request.
  { ...length('in a folded line', '\r\n 5'), may: ['POST /c0000/clean hello', 'GET /c0000/smuggled '] },
  length('with vertical tab', '\x0b5'),
];

const codings: Case[] = [
  coding('xchunked', 'Content-Length: 4', 'Transfer-Encoding: xchunked'),
  coding('behind a vertical tab', 'Content-Length: 4', 'Transfer-Encoding:\x0bchunked'),
  coding('with blank before the colon', 'Content-Length: 4', 'Transfer-Encoding : chunked'),
  coding('twice, identity last', 'Content-Length: 4', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
  coding('chunked, identity', 'Content-Length: 4', 'Transfer-Encoding: chunked, identity'),
  coding('chunked twice', 'Content-Length: 4', 'Transfer-Encoding: chunked, chunked'),
  { ...coding('folded', 'Content-Length: 4', 'Transfer-Encoding:\r\n chunked'), may: ['POST /c0000/clean '] },
  coding('with a NUL', 'Content-Length: 4', 'Transfer-Encoding: chunked\0'),
  {
    ...coding('behind a line feed', 'Content-Length: 4', 'X: y\nTransfer-Encoding: chunked'),
    may: ['POST /c0000/clean '],
  },
  coding('in quotes', 'Content-Length: 4', 'Transfer-Encoding: "chunked"'),
  coding('empty', 'Content-Length: 4', 'Transfer-Encoding:'),
  coding('gzip', 'Transfer-Encoding: gzip'),
  coding('with a parameter', 'Content-Length: 4', 'Transfer-Encoding: chunked;q=1'),
  {
    name: 'Transfer-Encoding in HTTP/1.0',
    pieces: [`POST /c0000/clean HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`],
  },
  {
    name: 'Transfer-Encoding and Content-Length in HTTP/1.0 with keep-alive',
    pieces: [
      `POST /c0000/clean HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
    ],
  },
];

const chunks: Case[] = [
  chunk('size of 2^64', `10000000000000000\r\n${evil}`),
  chunk('size of 2^64 + 5', `10000000000000005\r\nhello\r\n0\r\n\r\n${evil}`),
  chunk('negative size', `-1\r\nhello\r\n0\r\n\r\n${evil}`),
  chunk('size with 0x', `0x5\r\nhello\r\n0\r\n\r\n${evil}`),
  chunk('size with plus', `+5\r\nhello\r\n0\r\n\r\n${evil}`),
  chunk('size with blank in front', ` 5\r\nhello\r\n0\r\n\r\n${evil}`),
  chunk('empty size', `\r\nhello\r\n0\r\n\r\n${evil}`),
  chunk('data longer than its size', `5\r\nhelloXX\r\n0\r\n\r\n${evil}`),
  chunk('data without an end of line', `5\r\nhello0\r\n\r\n${evil}`),
  chunk('letters for a size', `zz\r\nhello\r\n0\r\n\r\n${evil}`),
  {
    ...chunk('extension with a request in it', `5;x=${'y'.repeat(20)}\r\nhello\r\n0\r\n\r\n`),
    may: ['POST /c0000/clean hello'],
  },
  // HAProxy takes a bare line feed for the end of a size and writes the chunk anew; the next request is then clean.
  {
    ...chunk('extension ended by a bare line feed', `5;\nhello\r\n0\r\n\r\n${evil}`),
    may: ['POST /c0000/clean hello', 'GET /c0000/smuggled '],
  },
  {
    ...chunk('size ended by a bare line feed', `5\nhello\r\n0\r\n\r\n${evil}`),
    may: ['POST /c0000/clean hello', 'GET /c0000/smuggled '],
  },
  { ...chunk('size ended by a bare carriage return', `5\rhello\r\n0\r\n\r\n${evil}`) },
  {
    ...chunk('trailers naming a length', `5\r\nhello\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: x\r\n\r\n`),
    may: ['POST /c0000/clean hello'],
    wrong: request => (valuesOf(request, 'content-length').length ? 'a trailer became a header' : ''),
  },
];

const hosts: Case[] = [
  host('missing'),
  host('twice', 'Host: one', 'Host: two'),
  // HAProxy makes one of two equal ones before any rule can see them.
  { ...host('twice, the same', 'Host: one', 'Host: one'), may: ['GET /c0000/clean '] },
  host('empty', 'Host:'),
  host('with a path', 'Host: test/smuggled'),
  host('with a user', 'Host: user@test'),
  host('with a comma', 'Host: one,two'),
  host('with a blank', 'Host: one two'),
  host('with a tab', 'Host: one\ttwo'),
  host('with a NUL', 'Host: te\0st'),
  host('with a question mark', 'Host: test?x'),
  host('with a hash', 'Host: test#x'),
  host('with a backslash', 'Host: te\\st'),
  host('with a quote', 'Host: te"st'),
  host('with an angle bracket', 'Host: <script>'),
  host('with a bad port', 'Host: test:80x'),
  host('with two ports', 'Host: test:80:90'),
  host('with an open bracket', 'Host: [::1'),
  host('with bytes above 127', 'Host: t\xe9st'),
  host('with blank before the colon', 'Host : test'),
  host('folded', 'Host: test', ' other'),
  {
    name: 'absolute target and another Host',
    pieces: ['GET http://other/c0000/clean HTTP/1.1\r\nHost: test\r\n\r\n'],
  },
];

const lines: Case[] = [
  line('HTTP/1.2', 'GET /c0000/clean HTTP/1.2'),
  line('HTTP/2.0', 'GET /c0000/clean HTTP/2.0'),
  line('HTTP/9.9', 'GET /c0000/clean HTTP/9.9'),
  line('HTTP/1.10', 'GET /c0000/clean HTTP/1.10'),
  line('HTTP/0.9 with a version', 'GET /c0000/clean HTTP/0.9'),
  line('lower-case protocol', 'GET /c0000/clean http/1.1'),
  line('no version', 'GET /c0000/clean'),
  line('other protocol', 'GET /c0000/clean RTSP/1.0'),
  line('blank in the target', 'GET /c0000/cle an HTTP/1.1'),
  // RFC 9112 3 lets a reader split at any white space; it is written anew with single blanks.
  { ...line('two blanks', 'GET  /c0000/clean HTTP/1.1'), may: ['GET /c0000/clean '] },
  { ...line('tab for blank', 'GET\t/c0000/clean\tHTTP/1.1'), may: ['GET /c0000/clean '] },
  line('NUL in the target', 'GET /c0000/cl\0ean HTTP/1.1'),
  line('byte above 127 in the target', 'GET /c0000/cl\xe9an HTTP/1.1'),
  line('control byte in the target', 'GET /c0000/cl\x07ean HTTP/1.1'),
  line('no slash in front', 'GET clean HTTP/1.1'),
  line('blank in front', ' GET /c0000/clean HTTP/1.1'),
  line('bracket in the method', 'GE(T /c0000/clean HTTP/1.1'),
  line('carriage return in the target', 'GET /c0000/cl\rean HTTP/1.1'),
  { name: 'CONNECT', pieces: [`CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n${evil}`] },
  {
    name: 'CONNECT with a body',
    pieces: [`CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\nContent-Length: 5\r\n\r\nhello${evil}`],
  },
  { name: 'HTTP/0.9', pieces: ['GET /c0000/clean\r\n', evil] },
  {
    name: 'upgrade to h2c',
    pieces: [
      get(
        '/c0000/clean',
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
      ),
    ],
    may: ['GET /c0000/clean '],
    wrong: request =>
      valuesOf(request, 'upgrade').length + valuesOf(request, 'http2-settings').length ? 'h2c was asked for' : '',
  },
  {
    name: 'upgrade to h2c among others',
    pieces: [get('/c0000/clean', 'Connection: Upgrade', 'Upgrade: foo, H2C')],
    may: ['GET /c0000/clean '],
    wrong: request => (/h2c/i.test(valuesOf(request, 'upgrade').join()) ? 'h2c was asked for' : ''),
  },
  {
    name: 'HTTP/2 preface with a request behind it',
    pieces: [`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${evil}`],
  },
  { name: 'HTTP/2 preface misspelt', pieces: [`PRI * HTTP/2.0\r\nHost: test\r\n\r\n${evil}`] },
  {
    name: 'a request behind a refused one',
    pieces: [`GET /c0000/clean HTTP/1.1\r\nHost: a/b\r\n\r\n${evil}`],
  },
  {
    name: 'a request behind a refused one, sent later',
    pieces: ['GET /c0000/clean HTTP/1.1\r\n\r\n', evil],
  },
];

const headers: Case[] = [
  header('blank before the colon', 'X : y'),
  header('tab before the colon', 'X\t: y'),
  header('no colon', 'X y'),
  header('empty name', ': y'),
  header('NUL in the name', 'X\0: y'),
  header('NUL in the value', 'X: a\0b'),
  header('byte above 127 in the name', 'X\xe9: y'),
  header('bare carriage return', 'X: a\rSmuggled: b'),
  header('bracket in the name', 'X(: y'),
  { ...header('first one folded', ' X: y'), pieces: ['GET /c0000/clean HTTP/1.1\r\n X: y\r\nHost: test\r\n\r\n'] },
  {
    ...header('folded', 'X: y\r\n z: smuggled'),
    may: ['GET /c0000/clean '],
    wrong: request => (valuesOf(request, 'z').length ? 'a continuation became a header' : ''),
  },
  header('200 kB', `X: ${'y'.repeat(200_000)}`),
  header('300 of them', Array.from({ length: 300 }, (_, i) => `X-${i}: y`).join('\r\n')),
  {
    name: 'header: spoofed X-Forwarded-For',
    pieces: [get('/c0000/clean', 'X-Forwarded-For: 6.6.6.6', 'X-FORWARDED-FOR: 7.7.7.7')],
    may: ['GET /c0000/clean '],
    status: 200,
    wrong: onlyMine,
  },
  {
    name: 'header: X-Forwarded-For named hop-by-hop',
    pieces: [get('/c0000/clean', 'Connection: close, X-Forwarded-For', 'X-Forwarded-For: 6.6.6.6')],
    may: ['GET /c0000/clean '],
    status: 200,
    wrong: onlyMine,
  },
  {
    name: 'header: spoofed X-ClientSide and relatives',
    pieces: [get('/c0000/clean', 'X-ClientSide: 6.6.6.6', 'X-Client-Cert: forged', 'X_Forwarded_For: 6.6.6.6')],
    may: ['GET /c0000/clean '],
    status: 200,
    wrong: request =>
      /6\.6\.6\.6|forged/.test(JSON.stringify(request.headers)) ? 'a forged header arrived' : onlyMine(request),
  },
];

/** Bytes that one reader takes for the end of a line and another does not. */
const ends: Case[] = [
  {
    name: 'all lines end with a bare line feed',
    pieces: ['GET /c0000/clean HTTP/1.1\nHost: test\n\n'],
    may: ['GET /c0000/clean '],
  },
  {
    name: 'header hidden behind a bare line feed',
    pieces: [`POST /c0000/clean HTTP/1.1\r\nHost: test\r\nX: y\nContent-Length: ${evil.length}\r\n\r\n${evil}`],
    may: [`POST /c0000/clean ${evil}`],
  },
  { name: 'lines end with a bare carriage return', pieces: ['GET /c0000/clean HTTP/1.1\rHost: test\r\r'] },
  {
    name: 'bytes behind a body',
    pieces: [post(['Content-Length: 5'], 'hello\0\0\0GARBAGE')],
    may: ['POST /c0000/clean hello'],
  },
  {
    name: 'GET with a body that is a request',
    pieces: [get('/c0000/clean', `Content-Length: ${evil.length}`) + evil],
    may: [`GET /c0000/clean ${evil}`],
  },
  { name: 'body shorter than told', pieces: [post([`Content-Length: ${evil.length + 500}`], evil)], may: [] },
  { name: 'chunked body cut short', pieces: [post(['Transfer-Encoding: chunked'], `ffff\r\n${evil}`)], may: [] },
  {
    name: 'expectation nobody knows',
    pieces: [post(['Expect: 200-maybe', 'Content-Length: 5'], 'hello')],
    may: ['POST /c0000/clean hello'],
  },
  {
    name: 'expectation and a request instead of the body',
    pieces: [post(['Expect: 100-continue', `Content-Length: ${evil.length}`], ''), evil],
    may: [`POST /c0000/clean ${evil}`],
  },
];

/** Answers of a server that no client must get as they are. Their bytes: `answers` below. */
const answered: Case[] = ['nul', 'lengths', 'both', 'name', 'fold'].map(name => ({
  name: `answer of the server: ${name}`,
  pieces: [get(`/c0000/answer-${name}`)],
  may: [`GET /c0000/answer-${name} `],
  wrongAnswer: answer => {
    const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
    if (head.includes('\0')) return 'a NUL arrived';
    if (/\r\nbad name:|\r\nX: y\r\n /i.test(head)) return 'a malformed header arrived';
    return (head.match(/\r\n(?:content-length|transfer-encoding):/gi) ?? []).length > 1 ? 'two lengths arrived' : '';
  },
}));

export const answers: Record<string, string> = {
  nul: 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok',
  lengths: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nokok',
  both: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  name: 'HTTP/1.1 200 OK\r\nBad name: y\r\nContent-Length: 2\r\n\r\nok',
  fold: 'HTTP/1.1 200 OK\r\nX: y\r\n Content-Length: 9\r\nContent-Length: 2\r\n\r\nok',
};

/** What well-behaved clients do and what must go on working. */
const benign: Case[] = [
  { name: 'GET', pieces: [get('/c0000/clean')], may: ['GET /c0000/clean '] },
  {
    name: 'HEAD',
    pieces: ['HEAD /c0000/clean HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n'],
    may: ['HEAD /c0000/clean '],
  },
  { name: 'OPTIONS', pieces: ['OPTIONS /c0000/clean HTTP/1.1\r\nHost: test\r\n\r\n'], may: ['OPTIONS /c0000/clean '] },
  {
    name: 'a method nobody knows',
    pieces: ['BREW /c0000/clean HTTP/1.1\r\nHost: test\r\n\r\n'],
    may: ['BREW /c0000/clean '],
  },
  {
    name: 'two requests in one write',
    pieces: [get('/c0000/one') + get('/c0000/two')],
    may: ['GET /c0000/one ', 'GET /c0000/two '],
  },
  { name: 'body', pieces: [post(['Content-Length: 5'], 'hello')], may: ['POST /c0000/clean hello'] },
  { name: 'empty body', pieces: [post(['Content-Length: 0'], '')], may: ['POST /c0000/clean '] },
  {
    name: 'chunked upload in pieces',
    pieces: [post(['Transfer-Encoding: chunked'], ''), '5\r\nhello\r\n', '6\r\n world\r\n', '0\r\n\r\n'],
    may: ['POST /c0000/clean hello world'],
  },
  {
    name: 'chunked with upper case and leading zeros',
    pieces: [post(['transfer-encoding: Chunked'], `00A\r\n0123456789\r\n0\r\n\r\n`)],
    may: ['POST /c0000/clean 0123456789'],
  },
  {
    name: 'upload of 5 MB',
    pieces: [post(['Content-Length: 5000000'], 'x'.repeat(5_000_000))],
    may: [`POST /c0000/clean ${'x'.repeat(5_000_000)}`],
  },
  {
    name: '100-continue',
    pieces: [post(['Expect: 100-continue', 'Content-Length: 5'], ''), 'hello'],
    may: ['POST /c0000/clean hello'],
    status: 100,
  },
  { name: 'HTTP/1.0 without Host', pieces: ['GET /c0000/clean HTTP/1.0\r\n\r\n'], may: ['GET /c0000/clean '] },
  {
    name: 'HTTP/1.0 with Host',
    pieces: ['GET /c0000/clean HTTP/1.0\r\nHost: test\r\n\r\n'],
    may: ['GET /c0000/clean '],
  },
  ...['[::1]', '[2001:db8::1]:8080', 'my_host.example', 'test:8080', '127.0.0.1', 'xn--bcher-kva.example', 'a.'].map(
    (name): Case => ({
      name: `Host ${name}`,
      pieces: [`GET /c0000/clean HTTP/1.1\r\nHost: ${name}\r\n\r\n`],
      may: ['GET /c0000/clean '],
      wrong: request => (valuesOf(request, 'host').join() === name ? '' : `Host became ${valuesOf(request, 'host')}`),
    }),
  ),
  {
    name: 'absolute target and the same Host',
    pieces: ['GET http://test/x/c0000/clean HTTP/1.1\r\nHost: test\r\n\r\n'],
    may: ['GET /x/c0000/clean ', 'GET http://test/x/c0000/clean '],
  },
  {
    name: 'bytes above 127 in a value',
    pieces: [get('/c0000/clean', 'X-Name: J\xfcrgen')],
    may: ['GET /c0000/clean '],
  },
  {
    name: 'WebSocket echo',
    pieces: [
      get(
        '/c0000/ws',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ),
      'over the tunnel',
    ],
    may: ['GET /c0000/ws '],
    status: 101,
    wrongAnswer: (answer: string) => (answer.endsWith('over the tunnel') ? '' : 'the echo did not come back'),
  },
].map(c => ({ status: 200, ...c }));

export const attacks: Case[] = [
  ...twoLengths,
  ...codings,
  ...chunks,
  ...hosts,
  ...lines,
  ...headers,
  ...ends,
  ...answered,
];

export { benign };

/** Exactly one X-Forwarded-For, and it is the address the test comes from. */
function onlyMine(request: StrictRequest): string {
  const values = valuesOf(request, 'x-forwarded-for');
  return values.join() === '127.0.0.1' ? '' : `X-Forwarded-For was ${JSON.stringify(values)}`;
}
