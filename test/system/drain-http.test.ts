import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import test from 'node:test';
import { service, setting } from '../support/sticky.ts';
import { until } from '../support/wait.ts';

/** Draining with cookies and connections that are kept: what decides is each request, not its connection. */

const seconds = 3;

/** A browser: one connection that is kept, and the cookies it was given. */
class Browser {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  readonly #jar = new Map<string, string>();

  constructor(port: number) {
    this.#port = port;
  }

  /** The name of the server that answers. */
  ask(): Promise<string> {
    const cookie = [...this.#jar].map(pair => pair.join('=')).join('; ');
    return new Promise((done, fail) => {
      const headers = cookie === '' ? {} : { cookie };
      const asked = get({ host: '127.0.0.1', port: this.#port, agent: this.#agent, headers }, answer => {
        let text = '';
        for (const given of answer.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(given) ?? [];
          this.#jar.set(name, value);
        }
        answer.setEncoding('utf8');
        answer.on('data', part => {
          text += part;
        });
        answer.on('end', () => done(text));
      });
      asked.on('error', fail);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

for (const persistence of ['active-cookie', 'none'] as const)
  test(`${persistence}: a disabled server and a connection that is kept`, async () => {
    await setting.appliance.call('patchSettings', { body: { drainTime: seconds } });
    const it = await service({ persistence });
    const known = new Browser(it.place.port);
    const name = await known.ask();
    const id = it.idOf(name);
    await setting.appliance.setServers([id], 'disabled');
    const at = Date.now();
    if (persistence === 'none') {
      for (let n = 0; n < 6; n++) assert.notEqual(await known.ask(), name, 'without persistence it is out at once');
    } else {
      for (let n = 0; n < 6; n++) assert.equal(await known.ask(), name, 'who has its cookie stays');
      for (let n = 0; n < 6; n++) {
        const stranger = new Browser(it.place.port);
        assert.notEqual(await stranger.ask(), name, 'nobody new comes');
        stranger.close();
      }
      await until('the known one to go elsewhere', async () => (await known.ask()) !== name, { limit: 15_000 });
      assert.ok(Date.now() - at >= seconds * 1_000 - 100, 'not before its time');
      const next = await known.ask();
      assert.equal(await known.ask(), next, 'and stays there');
    }
    await setting.appliance.setServers([id], 'enabled');
    known.close();
    await it.remove();
  });
