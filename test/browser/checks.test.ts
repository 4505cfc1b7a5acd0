import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Health checks at the console: tried before they are stored, copied, and what they came to. */

const address = '127.0.0.1';
const pictures = pictureFolder();
let browser: Browser;
let page: Page;
let errors: string[];
let nobody: number;
let id: number;

const setting = Setting.forThisFile(async setting => {
  browser = await launchBrowser();
  nobody = await freePort();
  const made = await setting.appliance.addService({
    name: 'Shop',
    address,
    port: await freePort(),
    checkType: 'tcp',
    checkInterval: 1,
    checkTimeout: 1,
    checkRetries: 1,
    realServers: [...setting.servers(), { address, port: nobody }],
  });
  id = made.service.id;
  await setting.appliance.addService({
    name: 'Mail',
    address,
    port: await freePort(),
    type: 'tcp',
    checkType: 'smtp',
    checkTls: true,
    enhancedChecks: true,
  });
  await until('the check to fail', async () => (await setting.appliance.serviceStatus(id))?.state === 'degraded');
  ({ page, errors } = await visit(browser, setting.appliance));
  await logIn(page);
  await page.goto(`/virtual-services/${id}`);
});

after(async () => {
  await browser?.close();
});

const main = () => page.getByRole('main');

async function serious(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => `${v.id}: ${v.help}`);
}

test('from a server’s row: the last results of its check, newest first, and why they failed', async () => {
  await main()
    .getByRole('button', { name: `Health checks of ${address}:${nobody}` })
    .click();
  const panel = page.getByRole('dialog', { name: `Health checks of ${address}:${nobody}` });
  await panel.getByText('✕ failed').first().waitFor();
  assert.match((await panel.getByRole('row').nth(1).textContent()) ?? '', /refused/);
  await page.screenshot({ path: join(pictures, 'check-history.png') });
  assert.deepEqual(await serious(), []);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
});

test('a check is tried on every server before it is stored', async () => {
  const bar = main().getByRole('button', { name: /^Health Check/ });
  if ((await bar.getAttribute('aria-expanded')) === 'false') await bar.click();
  await main().getByRole('button', { name: 'Check Now' }).click();
  const results = main().getByRole('table', { name: 'Results of the check' });
  await results.waitFor();
  assert.equal(await results.getByText('● good').count(), 3);
  await results.getByText(/refused .*\(check tcp port/).waitFor();
  await main().getByText('3 of 4 are well.').waitFor();

  await main().getByLabel('Real Server Check Method', { exact: true }).click();
  await page.getByRole('option', { name: 'Mail (SMTP)' }).click();
  await main().getByText('The settings were changed since.').waitFor();
  await main().getByRole('button', { name: 'Check Now' }).click();
  await main().getByText('0 of 4 are well.').waitFor();
  assert.equal((await setting.appliance.call('listVirtualServices'))[0]?.checkType, 'tcp', 'nothing is stored');
  await page.screenshot({ path: join(pictures, 'check-now.png'), fullPage: true });
  assert.deepEqual(await serious(), []);
});

test('the check of another service is copied, its Enhanced Options are not', async () => {
  await main().getByLabel('Copy the check from another service').click();
  await page.getByRole('option', { name: 'Mail' }).last().click();
  await main().getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Live since').waitFor();
  const [shop] = await setting.appliance.call('listVirtualServices');
  assert.deepEqual([shop?.checkType, shop?.checkTls, shop?.enhancedChecks], ['smtp', true, false]);
});

test('the browser met no error on the way', () => {
  assert.deepEqual(errors, []);
});
