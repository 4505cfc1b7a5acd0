import { type ConnectionOptions, connect } from 'node:tls';

/** What a handshake came to and what was answered to one request. */
export interface Greeting {
  protocol: string;
  cipher: string;
  alpn: string;
  /** Common name of the server's certificate. */
  subject: string;
  /** Was the certificate good by the `ca` given? */
  authorized: boolean;
  /** A stapled OCSP answer, DER. */
  ocsp: Buffer | undefined;
  status: number;
  headers: Record<string, string>;
  body: string;
}

interface Greet extends ConnectionOptions {
  path?: string;
  hostHeader?: string;
  more?: string[];
}

/** One request over a handshake made to measure. Rejects when the handshake fails or nothing is answered: TLS 1.3 refuses late. */
export function greet(port: number, options: Greet = {}): Promise<Greeting> {
  const { path = '/', hostHeader = options.servername ?? 'localhost', more = [], ...tls } = options;
  return new Promise((done, fail) => {
    let ocsp: Buffer | undefined;
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...tls }, () => {
      socket.write([`GET ${path} HTTP/1.1`, `Host: ${hostHeader}`, 'Connection: close', ...more, '', ''].join('\r\n'));
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer for 10 s')));
    socket.on('OCSPResponse', response => {
      if (response?.length) ocsp = response;
    });
    socket.on('data', chunk => {
      answer += chunk.toString('latin1');
    });
    const facts = () => ({
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher()?.standardName ?? '',
      alpn: socket.alpnProtocol || '',
      subject: String(socket.getPeerCertificate().subject?.CN ?? ''),
      authorized: socket.authorized,
    });
    let seen: ReturnType<typeof facts> | undefined;
    socket.on('secureConnect', () => {
      seen = facts();
    });
    socket.on('error', fail);
    socket.on('close', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(first)?.[1]);
      if (!seen || !status) return fail(new Error(`no answer: ${JSON.stringify(answer.slice(0, 80))}`));
      const headers = Object.fromEntries(
        lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
      );
      done({ ...seen, ocsp, status, headers, body });
    });
  });
}
