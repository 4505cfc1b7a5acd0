import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after, afterEach } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { ask, shares } from '../support/http-client.ts';
import { makePem, type Pem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** The main job, as a person does it with mouse and keys: from the log-in to an HTTPS service that carries real traffic. */

let browser: Browser;
let page: Page;
let errors: string[];
let pem: Pem;
let place: { port: number; tls: boolean; serverName: string };

const setting = Setting.forThisFile(async ({ appliance }) => {
  pem = await makePem('shop.example');
  place = { port: await freePort(), tls: true, serverName: 'shop.example' };
  browser = await launchBrowser();
  ({ page, errors } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
});

after(() => browser?.close());

const pictures = pictureFolder();

afterEach(async t => {
  if (!('passed' in t) || t.passed) return;
  const path = join(pictures, `${t.name.replaceAll(/\W+/g, '-').slice(0, 60)}.png`);
  await page?.screenshot({ path });
  console.log(`a picture of what went wrong: ${path}; the page complained: ${JSON.stringify(errors)}`);
});

const menu = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
const main = () => page.getByRole('main');
const button = (name: string | RegExp) => main().getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');

/** Unfolds a bar of settings if it is folded. */
async function unfold(title: string): Promise<void> {
  const bar = main().getByRole('button', { name: new RegExp(`^${title}`) });
  if ((await bar.getAttribute('aria-expanded')) === 'false') await bar.click();
}

/** Presses Save and waits until it is live; the focus must be somewhere a person can see. */
async function save(): Promise<void> {
  await button('Save').click();
  await page.getByText('Live since').waitFor();
  const focus = await page.evaluate(() => document.activeElement?.tagName ?? 'BODY');
  assert.notEqual(focus, 'BODY', 'the focus was lost after saving');
}

test('log in with name and password; a wrong one is told', async () => {
  await page.goto('/');
  await page.getByLabel('User name').fill('bal');
  await page.getByLabel('Password', { exact: true }).fill('wrong, surely wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('wrong').waitFor();
  await logIn(page);
});

test('import a certificate: pasted, looked at, stored', async () => {
  await menu('Certificates').click();
  await button('Import Certificate').first().click();
  await dialog().getByLabel('PEM, pasted').fill(`${pem.chain}\n${pem.key}`);
  const name = dialog().getByLabel('Certificate Identifier');
  await name.waitFor();
  assert.equal(await name.inputValue(), 'shop.example', 'the name proposed is the certificate’s');
  await name.fill('shop');
  await dialog().getByRole('button', { name: 'Import Certificate' }).click();
  await dialog().waitFor({ state: 'hidden' });
  await main().getByText('shop', { exact: true }).first().waitFor();
});

test('add an HTTPS service with that certificate and three servers', async () => {
  await menu('Add New').click();
  await main().getByLabel('Virtual Address').fill('127.0.0.1');
  await main().getByLabel('Port', { exact: true }).first().fill(String(place.port));
  await main().getByText('HTTPS, offload', { exact: true }).click();
  await main().getByLabel('Certificates', { exact: true }).click();
  await page.getByRole('option', { name: /^shop/ }).click();
  await button('Add this Virtual Service').click();
  await page.waitForURL(/\/virtual-services\/\d+/);

  for (const server of [setting.a, setting.b, setting.c]) {
    await page.locator('#real-servers').getByRole('button', { name: 'Add New' }).click();
    await dialog().getByLabel('Real Server Address').fill('127.0.0.1');
    await dialog().getByLabel('Port', { exact: true }).fill(String(server.port));
    await dialog().getByRole('button', { name: 'Add This Real Server' }).click();
    await dialog().waitFor({ state: 'hidden' });
    await main().getByRole('table', { name: 'Real Servers' }).getByText(`127.0.0.1:${server.port}`).waitFor();
  }
});

test('30 requests on new connections arrive 10/10/10, with that certificate, and the page shows them', async () => {
  assert.deepEqual(await shares(place, 30), { a: 10, b: 10, c: 10 });
  assert.equal((await ask(place)).fingerprint, pem.fingerprint);
  const table = main().getByRole('table', { name: 'Real Servers' });
  for (const server of [setting.a, setting.b, setting.c])
    await table
      .getByRole('row')
      .filter({ hasText: `127.0.0.1:${server.port}` })
      .getByText('Up')
      .waitFor();
});

test('disable a server in the browser: its traffic ends at once and its state changes before the eyes', async () => {
  const name = `127.0.0.1:${setting.b.port}`;
  const row = main().getByRole('table', { name: 'Real Servers' }).getByRole('row').filter({ hasText: name });
  await row.getByRole('button', { name: `Disable ${name}` }).click();
  await dialog()
    .getByRole('button', { name: `Disable ${name}` })
    .click();
  await dialog().waitFor({ state: 'hidden' });
  assert.deepEqual(await shares(place, 20), { a: 10, c: 10 });
  await row.getByText('Disabled').waitFor();
  await row.getByRole('button', { name: `Enable ${name}` }).click();
  await row.getByText('Up').waitFor();
  assert.deepEqual(await shares(place, 30), { a: 10, b: 10, c: 10 });
});

test('a server that dies is seen on the open page without a reload of it, and so is its return', async () => {
  const name = `127.0.0.1:${setting.c.port}`;
  await unfold('Health Check');
  await main().getByLabel('Interval', { exact: true }).fill('1');
  await main().getByLabel('Timeout', { exact: true }).fill('1');
  await main().getByLabel('Retry Count', { exact: true }).fill('1');
  await save();
  const row = main().getByRole('table', { name: 'Real Servers' }).getByRole('row').filter({ hasText: name });
  await setting.c.stop();
  await row.getByText('Down').waitFor();
  await setting.c.start();
  await row.getByText('Up').waitFor();
});

test('history: what was done stands there in words, and one click returns to before it', async () => {
  await menu('History').click();
  const table = main().getByRole('table');
  await table
    .getByText(/Interval/)
    .first()
    .waitFor();
  const before = (await setting.appliance.call('getHealth')).head;
  await table.getByRole('row').nth(2).press('Enter');
  await dialog()
    .getByRole('button', { name: /^Return to revision/ })
    .click();
  await page
    .getByRole('dialog', { name: /^Return to revision/ })
    .getByRole('button', { name: /^Return to revision/ })
    .click();
  await table.getByRole('cell', { name: String(before + 1), exact: true }).waitFor();
  const service = (await setting.appliance.call('listVirtualServices'))[0];
  assert.equal(service?.checkInterval, 0, 'the interval is what it was');
  assert.deepEqual(await shares(place, 30), { a: 10, b: 10, c: 10 });
});

test('the browser met no error on the way', () => {
  assert.deepEqual(errors, []);
});
