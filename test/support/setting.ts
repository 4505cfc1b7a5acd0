import { after, before } from 'node:test';
import type { NewRealServer } from '../../server/schema/endpoints.ts';
import { Appliance } from './appliance.ts';
import { WebServer } from './web-server.ts';

/** An appliance and three web servers a, b and c for the tests of one file; both are ready when the first test runs. */
export class Setting {
  appliance!: Appliance;
  a!: WebServer;
  b!: WebServer;
  c!: WebServer;

  /** `prepare` runs when all is there; hooks of a file do not wait for each other, so it is not for a hook of its own. */
  static forThisFile(prepare: (setting: Setting) => Promise<void> = async () => {}): Setting {
    const setting = new Setting();
    before(async () => {
      [setting.a, setting.b, setting.c] = (await Promise.all(
        ['a', 'b', 'c'].map(name => new WebServer(name).start()),
      )) as [WebServer, WebServer, WebServer];
      setting.appliance = await Appliance.start();
      await prepare(setting);
    });
    after(async () => {
      const left = await setting.appliance?.stop();
      await Promise.all([setting.a, setting.b, setting.c].map(server => server?.stop()));
      if (left?.length) throw new Error(`stop left running: ${left.map(p => p.command).join('; ')}`);
    });
    return setting;
  }

  /** Real Servers a, b and c, with these properties each. */
  servers(...each: Partial<NewRealServer>[]): NewRealServer[] {
    return [this.a, this.b, this.c].map((server, i) => ({ address: '127.0.0.1', port: server.port, ...each[i] }));
  }
}
