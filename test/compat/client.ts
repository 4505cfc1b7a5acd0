import { request } from 'node:https';
import { type Appliance, password } from '../support/appliance.ts';

export interface Answer {
  status: number;
  type: string;
  body: Buffer;
  text: string;
  challenge: string | undefined;
  cookie: string | undefined;
}

export type Json = Record<string, unknown> & { code: number; status: string; message?: string };

/** Calls an appliance as tools written for a LoadMaster do. */
export class LoadMasterClient {
  readonly #appliance: Appliance;
  readonly user: string;
  readonly password: string;

  constructor(appliance: Appliance, user = 'bal', secret = password) {
    this.#appliance = appliance;
    this.user = user;
    this.password = secret;
  }

  send(path: string, body?: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((done, fail) => {
      const sent = request(
        this.#appliance.url + path,
        { method: body === undefined ? 'GET' : 'POST', rejectUnauthorized: false, timeout: 20_000, headers },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', chunk => chunks.push(chunk));
          response.on('error', fail);
          response.on('end', () => {
            const all = Buffer.concat(chunks);
            done({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'] ?? '',
              body: all,
              text: all.toString(),
              challenge: response.headers['www-authenticate'],
              cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
            });
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${path} took longer than 20 s`)));
      sent.on('error', fail);
      sent.end(body);
    });
  }

  /** Version 1 with Basic. */
  v1(command: string, parameters: Record<string, string | number> = {}, body?: string | Buffer): Promise<Answer> {
    const query = new URLSearchParams(Object.entries(parameters).map(([k, v]) => [k, String(v)])).toString();
    const basic = Buffer.from(`${this.user}:${this.password}`).toString('base64');
    return this.send(`/access/${command}${query && `?${query}`}`, body, { authorization: `Basic ${basic}` });
  }

  /** Version 2 with name and password in the body. */
  async v2(cmd: string, parameters: Record<string, unknown> = {}): Promise<Json> {
    const answer = await this.send(
      '/accessv2',
      JSON.stringify({ apiuser: this.user, apipass: this.password, cmd, ...parameters }),
    );
    const reply = JSON.parse(answer.text) as Json;
    if (reply.code !== answer.status) throw new Error(`code ${reply.code} with HTTP status ${answer.status}`);
    return reply;
  }
}

/** The text of the first element of that name. */
export const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
