import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { applied } from '../support/appliance.ts';
import { launchBrowser, logIn, pictureFolder, type Visit, visit } from '../support/browser.ts';
import { shares } from '../support/http-client.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';
import { keyboardFaults } from './keyboard.ts';

/** Every page, light and dark, wide and narrow: pictures to look at, axe, nothing cut off, and all of it by keyboard. */

const address = '127.0.0.1';
const pictures = pictureFolder();
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
];
const schemes = ['light', 'dark'] as const;

let browser: Browser;
/** Pages by name; numbers of objects are known only when they are made. */
const paths: Record<string, string> = {
  home: '/',
  services: '/virtual-services',
  'new-service': '/virtual-services/new',
  templates: '/templates',
  template: '/templates/exchange-2019-reencrypted',
  'real-servers': '/real-servers',
  certificates: '/certificates',
  authorities: '/certificates/authorities',
  acme: '/certificates/acme',
  'cipher-sets': '/certificates/cipher-sets',
  'content-rules': '/content-rules',
  'real-time': '/statistics',
  'real-time-servers': '/statistics?kind=server',
  'real-time-interfaces': '/statistics?kind=interface',
  'real-time-system': '/statistics?kind=system',
  'statistics-history': '/statistics/history',
  connections: '/tools',
  ping: '/tools?tool=ping',
  capture: '/tools?tool=capture',
  settings: '/settings',
  interfaces: '/network/interfaces',
  routes: '/network/routes',
  names: '/network/names',
  time: '/network/time',
  management: '/network/management',
  history: '/history',
  users: '/users',
  backup: '/backup',
  'loadmaster-api': '/loadmaster-api',
  'loadmaster-differences': '/loadmaster-api?view=differences',
  'loadmaster-command': '/loadmaster-api/addrs',
  update: '/update',
  power: '/power',
  syslog: '/syslog',
  email: '/email',
  support: '/support',
};

const setting = Setting.forThisFile(async setting => {
  const { appliance } = setting;
  browser = await launchBrowser();
  const pem = await makePem('www.example', 'shop.example');
  const certificate = applied(
    await appliance.call('importCertificate', { body: { name: 'shop', pem: pem.chain, key: pem.key } }),
  );
  await appliance.call('makeRequest', { body: { name: 'waiting', commonName: 'new.example' } });
  const port = await freePort();
  const shop = await appliance.addService({
    name: 'Shop',
    address,
    port,
    tls: true,
    certificates: [certificate.id],
    checkInterval: 1,
    checkTimeout: 1,
    checkRetries: 1,
    realServers: [...setting.servers(), { address: '127.0.0.1', port: await freePort() }],
  });
  await appliance.addService({ name: 'Old intranet', address, port: await freePort(), enabled: false });
  await appliance.addService({
    address,
    port: await freePort(),
    checkInterval: 1,
    checkTimeout: 1,
    checkRetries: 1,
    realServers: [{ address: '127.0.0.1', port: await freePort() }],
  });
  await appliance.setServers([shop.servers[1]?.id ?? 0], 'drain');
  await appliance.setServers([shop.servers[2]?.id ?? 0], 'disabled');
  paths.service = `/virtual-services/${shop.service.id}`;
  await shares({ port, tls: true }, 30);
  await until(
    'the stopped server to be down',
    async () => (await appliance.serviceStatus(shop.service.id))?.state === 'degraded',
  );
});

after(async () => {
  await browser?.close();
});

/** Goes there and waits until the page shows what it has. */
async function go(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[class*="keleton"], [aria-busy="true"]').length === 0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
}

async function axeFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(v => v.impact === 'serious' || v.impact === 'critical')
    .flatMap(v => v.nodes.map(node => `${v.id}: ${v.help}: ${node.html.slice(0, 160)}`));
}

async function cutOff(page: Page): Promise<string[]> {
  const wide = await page.evaluate(() => {
    const root = document.scrollingElement ?? document.body;
    return root.scrollWidth - root.clientWidth;
  });
  return wide > 0 ? [`the page is ${wide} pixels wider than the window`] : [];
}

for (const size of sizes)
  for (const scheme of schemes)
    test(`every page at ${size.width}x${size.height}, ${scheme}`, { timeout: 120_000 }, async t => {
      const { context, page, errors } = await visit(browser, setting.appliance, {
        viewport: size,
        colorScheme: scheme,
        reducedMotion: 'reduce',
      });
      t.after(() => context.close());
      const faults: string[] = [];
      const look = async (name: string) => {
        await page.screenshot({ path: join(pictures, `${name}-${size.width}-${scheme}.png`) });
        const found = [...(await cutOff(page)), ...(size.width === 1440 ? await axeFaults(page) : [])];
        faults.push(...found.map(text => `${name}: ${text}`));
      };
      await page.goto('/');
      await page.getByLabel('User name').waitFor();
      await look('login');
      await logIn(page);
      for (const [name, path] of Object.entries(paths)) {
        await go(page, path);
        await look(name);
      }
      faults.push(...errors.map(text => `the page complained: ${text}`));
      assert.deepEqual(faults, []);
      t.diagnostic(`pictures in ${pictures}`);
    });

test('every page by keyboard alone', { timeout: 120_000 }, async t => {
  const { context, page }: Visit = await visit(browser, setting.appliance, {
    viewport: sizes[0] ?? null,
    reducedMotion: 'reduce',
  });
  t.after(() => context.close());
  const faults: string[] = [];
  await page.goto('/');
  await page.getByLabel('User name').waitFor();
  const check = async (name: string) => {
    faults.push(...(await keyboardFaults(page)).map(text => `${name}: ${text}`));
  };
  await check('login');
  await logIn(page);
  for (const [name, path] of Object.entries(paths)) {
    await go(page, path);
    await check(name);
  }
  assert.deepEqual(faults, []);
});

test('an appliance without anything says how to begin, on every page', { timeout: 60_000 }, async t => {
  const { head } = await setting.appliance.call('getHealth');
  await setting.appliance.call('restoreRevision', { at: { id: 1 } }).catch(() => undefined);
  const empty = (await setting.appliance.call('listVirtualServices')).length === 0;
  const { context, page, errors } = await visit(browser, setting.appliance, { viewport: sizes[0] ?? null });
  t.after(async () => {
    await context.close();
    await setting.appliance.call('restoreRevision', { at: { id: head } });
  });
  assert.ok(empty, 'the first revision has no services');
  await logIn(page);
  for (const name of ['home', 'services', 'real-servers', 'certificates', 'history'] as const) {
    await go(page, paths[name] ?? '/');
    await page.screenshot({ path: join(pictures, `${name}-empty.png`) });
    assert.deepEqual(await axeFaults(page), []);
  }
  assert.deepEqual(errors, []);
});
