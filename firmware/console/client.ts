import { request } from 'node:http';
import { connect } from 'node:tls';
import { type BodyOf, type EndpointName, endpoints, type ReplyOf } from '../../server/schema/endpoints.ts';
import type { FaultReply } from '../../server/schema/faults.ts';

/** The API refused; the message is its own sentence. */
export class Refused extends Error {
  readonly fault: Partial<FaultReply>;

  constructor(fault: Partial<FaultReply>) {
    super(fault.message ?? 'The appliance did not say why.');
    this.fault = fault;
  }
}

/** The API through the door of the machine's own console. */
export class Client {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Throws Refused, or an error when nobody answers within a minute. */
  call<E extends EndpointName>(
    name: E,
    { at = {}, body }: { at?: Record<string, string | number>; body?: BodyOf<E> } = {},
  ): Promise<ReplyOf<E>> {
    const { method, path } = endpoints[name];
    const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(at[key])));
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host: 'localhost',
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((done, fail) => {
      const sent = request({ socketPath: this.#socket, method, path: filled, headers, timeout: 60_000 }, reply => {
        let said = '';
        reply.setEncoding('utf8');
        reply.on('data', part => {
          said += part;
        });
        reply.on('error', fail);
        reply.on('end', () => {
          const read = parsed(said);
          if ((reply.statusCode ?? 500) < 400) done(read as ReplyOf<E>);
          else fail(new Refused(read as Partial<FaultReply>));
        });
      });
      sent.on('timeout', () => sent.destroy(new Error('The appliance does not answer.')));
      sent.on('error', fail);
      sent.end(text);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}

/** SHA-256 of the certificate that the console in the browser shows; undefined when it does not answer. */
export function fingerprint(port: number): Promise<string | undefined> {
  return new Promise(done => {
    // Nothing is sent: the certificate is only looked at, to be compared by a person.
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, timeout: 5_000 }, () => {
      done(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', () => done(undefined));
  });
}
