import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { applied } from '../support/appliance.ts';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** Ctrl-K finds everything there is, and leads to the very place. */

let browser: Browser;
let page: Page;
let errors: string[];
const setting = Setting.forThisFile(async ({ appliance }) => {
  const port = await freePort();
  await appliance.addService({ name: 'Shop', address: '127.0.0.1', port, realServers: setting.servers() });
  applied(await appliance.call('createContentRule', { body: { name: 'to-images', pattern: '^/images' } }));
  applied(await appliance.call('createCipherSet', { body: { name: 'Old printers' } }));
  browser = await launchBrowser();
  ({ page, errors } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
  await logIn(page);
});
after(() => browser?.close());

/** Types into the search and takes the first that is found under this title. */
async function jump(words: string, label: string | RegExp): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search', exact: true }).fill(words);
  await page.getByRole('dialog').getByRole('button', { name: label }).first().click();
}

for (const [words, label, path, there] of [
  ['shop', /Shop/, /\/virtual-services\/\d+$/, 'Shop'],
  ['to-im', /to-images/, /\/content-rules\?find=to-images$/, 'to-images'],
  ['printers', /Old printers/, /\/certificates\/cipher-sets\?find=Old%20printers$/, 'Old printers'],
  ['exchange 2019', /Exchange 2019/, /\/templates\/exchange-2019/, 'Exchange 2019'],
  ['real time', /Real Time Statistics/, /\/statistics$/, 'Real Time Statistics'],
] as const)
  test(`“${words}” leads to ${there}`, async () => {
    await jump(words, label);
    await page.waitForURL(path);
    await page.locator('main').getByText(there).first().waitFor();
  });

test('a property of the service on screen is opened and has the focus', async () => {
  await jump('shop', /Shop/);
  await page.getByRole('heading', { name: 'Shop', level: 1 }).waitFor();
  await jump('Idle Connection Timeout', /Idle Connection Timeout/);
  await page.waitForURL(/#idleTimeout$/);
  await page.waitForFunction(() => document.activeElement?.closest('#idleTimeout') !== null);
});

test('a setting of the appliance is opened on its page and has the focus', async () => {
  await jump('Connection Drain', /Connection Drain Time/);
  await page.waitForURL(/\/settings#drainTime$/);
  await page.waitForFunction(() => document.activeElement?.closest('#drainTime') !== null);
  await jump('Limits of Single', /Limits of Single Clients/);
  await page.waitForFunction(() => document.activeElement?.closest('#clientLimits') !== null);
  await jump('Search Domains', /DNS Search Domains/);
  await page.waitForURL(/\/network\/names#searchDomains$/);
  await page.waitForFunction(() => document.activeElement?.closest('#searchDomains') !== null);
});

test('the search itself is clean, and nothing found is said', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search', exact: true }).fill('zzzzzz');
  await page.getByText('Nothing found').waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id),
    [],
  );
  await page.keyboard.press('Escape');
  assert.deepEqual(errors, []);
});
