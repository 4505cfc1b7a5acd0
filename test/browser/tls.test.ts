import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { Authority } from '../certificates/authority.ts';
import { applied } from '../support/appliance.ts';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Authorities, cipher sets, a temporary certificate and the redirect beside a service, by clicks. */

const maker = new Authority();
const root = maker.issue('Browser Root', undefined, { authority: true });
const issuer = maker.issue('Browser Issuer', root, { authority: true });
const leaf = maker.issue('shop.example', issuer, { names: 'DNS:shop.example' });
const address = '127.48.0.1';
let browser: Browser;
let page: Page;
let service = 0;
let certificate = 0;
let port = 0;

const setting = Setting.forThisFile(async ({ appliance, ...it }) => {
  browser = await launchBrowser();
  const { page: opened } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } });
  page = opened;
  const body = { name: 'shop', pem: leaf.certificate, key: leaf.key };
  certificate = applied(await appliance.call('importCertificate', { body })).id;
  port = await freePort();
  const realServers = [{ address: '127.0.0.1', port: it.a.port }];
  service = (await appliance.addService({ name: 'Shop', address, port, realServers })).service.id;
  await page.goto('/');
  await logIn(page);
});
after(async () => {
  await browser?.close();
  maker.remove();
});

const main = () => page.locator('main');
const dialog = () => page.getByRole('dialog');
const button = (name: string | RegExp) => main().getByRole('button', { name, exact: typeof name === 'string' });
const menu = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
const stored = () => setting.appliance.call('getVirtualService', { at: { id: service } });

async function clean(): Promise<void> {
  await page.waitForTimeout(250);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(
    grave.map(v => `${v.id}: ${v.nodes[0]?.html.slice(0, 120)}`),
    [],
  );
}

test('an authority completes the chain of a certificate; its faults stand at their field', async () => {
  await page.goto(`/certificates/${certificate}`);
  await main().getByText('The intermediate “Browser Issuer” is missing', { exact: false }).first().waitFor();
  await menu('Intermediate Certs').click();
  await button('Add New').first().click();
  await dialog().getByLabel('Name', { exact: true }).fill('shop issuers');
  await dialog().getByLabel('Certificates', { exact: true }).fill('not a certificate');
  await dialog().getByRole('button', { name: 'Add', exact: true }).click();
  await dialog().getByText('No certificate could be read', { exact: false }).first().waitFor();
  await clean();
  await dialog()
    .getByLabel('Certificates', { exact: true })
    .fill(issuer.certificate + root.certificate);
  await dialog().getByRole('button', { name: 'Add', exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
  await main().getByText('Browser Issuer, Browser Root (root)').waitFor();
  await clean();
  await page.goto(`/certificates/${certificate}`);
  await main().getByText('Complete: every intermediate is there.').waitFor();
});

test('a service gets a temporary certificate with one click, and clients of port 80 are sent to it', async () => {
  await page.goto(`/virtual-services/${service}#tls`);
  await main().getByLabel('SSL Acceleration', { exact: true }).check({ force: true });
  await button('use a temporary one now').click();
  await main().getByText('temporary Shop', { exact: false }).first().waitFor();
  await button('Save').click();
  await until('it to be stored', async () => (await stored()).tls);
  await until('it to be served', async () => (await ask({ address, port, tls: true })).body === 'a');
  await button('Redirect HTTP to HTTPS').click();
  await main().getByRole('link', { name: 'Shop redirect' }).waitFor();
  const sent = async () =>
    (await ask({ address, port: 80 }, { path: '/x', headers: { host: 'shop.example' } })).headers;
  await until('the redirect', async () => (await sent()).location === `https://shop.example:${port}/x`);
});

test('client certificates by an authority, ciphers by a set of one’s own', async () => {
  await page.goto('/certificates/cipher-sets');
  await button('Add New').first().click();
  await dialog().getByLabel('Name', { exact: true }).fill('ours');
  await dialog().getByRole('button', { name: 'Add', exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
  await main().getByText('ECDHE-ECDSA-AES128-GCM-SHA256 +1').waitFor();

  await page.goto(`/virtual-services/${service}#tls`);
  const choose = async (label: string, option: string | RegExp) => {
    await main().getByLabel(label, { exact: true }).click();
    await page.getByRole('option', { name: option }).click();
  };
  await choose('Cipher Set', 'One of your own');
  await main().getByText('A cipher set of your own needs to be chosen.').first().waitFor();
  await choose('Own Cipher Set', 'ours');
  await choose('Client Certificates', 'Required');
  await choose('Authority of Clients', 'shop issuers');
  await clean();
  await button('Save').click();
  await until('it to be stored', async () => (await stored()).clientCertificates === 'required');
  assert.equal((await stored()).cipherSet, 'custom');
  await page.getByText('Live since').waitFor();
  await menu('Intermediate Certs').click();
  await main().getByText('1 service', { exact: true }).waitFor();
  assert.equal(await button('Delete shop issuers').isDisabled(), true);
});
