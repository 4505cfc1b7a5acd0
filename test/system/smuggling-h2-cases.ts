import { h2Request } from '../support/h2-frames.ts';
import type { Conversation } from '../support/judge.ts';
import { valuesOf } from '../support/strict-origin.ts';

type Headers = [string, string][];

/** A case whose bytes are an HTTP/2 connection with one request. */
export type H2Case = Omit<Conversation, 'pieces'> & { bytes: (path: string) => Buffer };

const pseudo = (path: string, method = 'GET'): Headers => [
  [':method', method],
  [':scheme', 'https'],
  [':path', path],
  [':authority', 'test'],
];

const evil = (path: string) => `GET ${path}/smuggled HTTP/1.1\r\nHost: test\r\n\r\n`;

const header = (name: string, headers: (path: string) => Headers, more: Partial<H2Case> = {}): H2Case => ({
  name: `HTTP/2: ${name}`,
  bytes: path => h2Request([...pseudo(`${path}/clean`), ...headers(path)]),
  ...more,
});

const instead = (name: string, which: string, value: (path: string) => string): H2Case => ({
  name: `HTTP/2: ${name}`,
  bytes: path => h2Request(pseudo(`${path}/clean`).map(([n, v]) => [n, n === which ? value(path) : v])),
});

const body = (name: string, length: string, sent: (path: string) => string): H2Case => ({
  name: `HTTP/2: ${name}`,
  bytes: path => h2Request([...pseudo(`${path}/clean`, 'POST'), ['content-length', length]], sent(path)),
});

/** Requests that become something else when they are written as HTTP/1 for a server (RFC 9113 8.2 forbids them all). */
export const h2Attacks: H2Case[] = [
  header('line end in a value', path => [['x', `y\r\n\r\n${evil(path)}`]]),
  header('line feed in a value', path => [['x', `y\nsmuggled: ${path}`]]),
  header('carriage return in a value', () => [['x', 'y\rz: smuggled']]),
  header('NUL in a value', () => [['x', 'a\0b']]),
  header('line end in a name', path => [[`x: y\r\n\r\n${evil(path)}z`, 'y']]),
  header('colon in a name', () => [['transfer-encoding: chunked\r\nx', 'y']]),
  header('colon alone in a name', () => [['a:b', 'y']]),
  header('blank in a name', () => [['a b', 'y']]),
  header('upper case in a name', () => [['X-Upper', 'y']]),
  header('empty name', () => [['', 'y']]),
  header('transfer-encoding', () => [['transfer-encoding', 'chunked']], {
    bytes: path =>
      h2Request([...pseudo(`${path}/clean`, 'POST'), ['transfer-encoding', 'chunked']], `0\r\n\r\n${evil(path)}`),
  }),
  header('connection', () => [['connection', 'close, x-forwarded-for']]),
  header('upgrade to h2c', () => [['upgrade', 'h2c']]),
  header('host that differs from the authority', () => [['host', 'other']], {
    may: ['GET /c0000/clean '],
    wrong: request => (valuesOf(request, 'host').join() === 'test' ? '' : `Host was ${valuesOf(request, 'host')}`),
  }),
  header(
    'two hosts',
    () => [
      ['host', 'one'],
      ['host', 'two'],
    ],
    {
      may: ['GET /c0000/clean '],
      wrong: request => (valuesOf(request, 'host').join() === 'test' ? '' : `Host was ${valuesOf(request, 'host')}`),
    },
  ),
  header('pseudo header behind others', path => [
    ['x', 'y'],
    [':path', `${path}/smuggled`],
  ]),
  header('unknown pseudo header', () => [[':smuggled', 'y']]),
  header('path twice', path => [[':path', `${path}/smuggled`]]),
  instead('line end in the path', ':path', path => `${path}/clean HTTP/1.1\r\nHost: x\r\n\r\n${evil(path)}`),
  instead('blank in the path', ':path', path => `${path}/cle an`),
  instead('NUL in the path', ':path', path => `${path}/cle\0an`),
  instead('empty path', ':path', () => ''),
  instead('path without a slash', ':path', path => `clean${path}`),
  instead('a request in the method', ':method', path => `GET ${path}/smuggled HTTP/1.1\r\nHost: x\r\n\r\nGET`),
  instead('blank in the method', ':method', () => 'GE T'),
  instead('line end in the authority', ':authority', path => `test\r\n\r\n${evil(path)}`),
  instead('path in the authority', ':authority', () => 'test/smuggled'),
  instead('user in the authority', ':authority', () => 'user@test'),
  instead('blank in the authority', ':authority', () => 'te st'),
  instead('line end in the scheme', ':scheme', path => `https://x\r\n\r\n${evil(path)}`),
  instead('CONNECT with a path', ':method', () => 'CONNECT'),
  {
    name: 'HTTP/2: CONNECT',
    bytes: () =>
      h2Request(
        [
          [':method', 'CONNECT'],
          [':authority', 'test:80'],
        ],
        'hello',
      ),
  },
  {
    name: 'HTTP/2: no authority and no host',
    bytes: path => h2Request(pseudo(`${path}/clean`).filter(([n]) => n !== ':authority')),
  },
  body('content-length below the data', '5', path => `hello${evil(path)}`),
  body('content-length above the data', '500', () => 'hello'),
  body('content-length with plus', '+5', () => 'hello'),
  body('content-length of 2^64 + 5', '18446744073709551621', () => 'hello'),
  {
    name: 'HTTP/2: two lengths',
    bytes: path =>
      h2Request(
        [...pseudo(`${path}/clean`, 'POST'), ['content-length', '5'], ['content-length', '6']],
        `hello${evil(path)}`,
      ),
  },
  {
    name: 'HTTP/2: pseudo header in the trailers',
    bytes: path => h2Request(pseudo(`${path}/clean`, 'POST'), 'hello', [[':path', `${path}/smuggled`]]),
  },
  header('spoofed X-Forwarded-For', () => [['x-forwarded-for', '6.6.6.6']], {
    may: ['GET /c0000/clean '],
    wrong: request =>
      valuesOf(request, 'x-forwarded-for').join() === '127.0.0.1'
        ? ''
        : `X-Forwarded-For was ${valuesOf(request, 'x-forwarded-for')}`,
  }),
];

const good: H2Case[] = [
  { name: 'HTTP/2: GET', bytes: path => h2Request(pseudo(`${path}/clean`)), may: ['GET /c0000/clean '] },
  {
    name: 'HTTP/2: body without a length',
    bytes: path => h2Request(pseudo(`${path}/clean`, 'POST'), 'hello'),
    may: ['POST /c0000/clean hello'],
  },
  {
    name: 'HTTP/2: body with a length',
    bytes: path => h2Request([...pseudo(`${path}/clean`, 'POST'), ['content-length', '5']], 'hello'),
    may: ['POST /c0000/clean hello'],
  },
  {
    name: 'HTTP/2: trailers',
    bytes: path => h2Request(pseudo(`${path}/clean`, 'POST'), 'hello', [['x-sum', '1']]),
    may: ['POST /c0000/clean hello'],
  },
  {
    name: 'HTTP/2: cookies in pieces',
    bytes: path => h2Request([...pseudo(`${path}/clean`), ['cookie', 'a=1'], ['cookie', 'b=2']]),
    may: ['GET /c0000/clean '],
  },
  {
    name: 'HTTP/2: IPv6 authority',
    bytes: path => h2Request(pseudo(`${path}/clean`).map(([n, v]) => [n, n === ':authority' ? '[::1]:8443' : v])),
    may: ['GET /c0000/clean '],
  },
];

export const h2Benign = good.map(c => ({ ...c, status: 200 }));
