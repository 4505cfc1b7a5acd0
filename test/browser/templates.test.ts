import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, afterEach } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { shares } from '../support/http-client.ts';
import { makePem } from '../support/pem.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';
import { keyboardFaults } from './keyboard.ts';

/** Templates as a person uses them: chosen in Add New, looked at, applied; exported, imported, deleted. */

const VIRTUAL = '127.46.0.100';
let browser: Browser;
let page: Page;
let errors: string[];

const setting = Setting.forThisFile(async ({ appliance }) => {
  const pem = await makePem('mail.example.test');
  await appliance.call('importCertificate', { body: { name: 'mail', pem: pem.chain, key: pem.key } });
  browser = await launchBrowser();
  ({ page, errors } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
});
after(() => browser?.close());

const pictures = pictureFolder();
const picture = (name: string) => page.screenshot({ path: join(pictures, `templates-${name}.png`), fullPage: true });
afterEach(async t => {
  if (!('passed' in t) || t.passed) return;
  await picture(t.name.replaceAll(/\W+/g, '-').slice(0, 60));
  console.log(`a picture of what went wrong is in ${pictures}; the page complained: ${JSON.stringify(errors)}`);
});

const menu = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
const main = () => page.getByRole('main');
const made = () => main().getByRole('region', { name: 'What will be made' });

async function useTemplate(name: string): Promise<void> {
  await menu('Add New').click();
  const field = main().getByLabel('Use Template');
  await field.click();
  // Typed, so that the list is short and nothing moves under the pointer.
  await field.fill(name);
  await page.getByRole('option', { name, exact: true }).click();
  await made().waitFor();
}

async function axeFaults(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(v => v.impact === 'serious' || v.impact === 'critical')
    .flatMap(v => v.nodes.map(node => `${v.id}: ${v.help}: ${node.html.slice(0, 160)}`));
}

test('Use Template in Add New: what it will make and why is shown before anything is made', async () => {
  await logIn(page);
  await useTemplate('Web: HTTP');
  await made().getByText('Give Virtual Address').waitFor();
  await main().getByLabel('Virtual Address').fill(VIRTUAL);
  await main()
    .getByLabel('Real Servers', { exact: true })
    .fill([setting.a, setting.b, setting.c].map(server => `127.0.0.1:${server.port}`).join('\n'));
  await made().getByText('Makes 1 service, 3 Real Servers').waitFor();
  await made().getByText('Some applications answer HEAD with an error.').waitFor();
  await picture('web');
  assert.equal((await setting.appliance.call('listVirtualServices')).length, 0, 'nothing was made yet');
});

test('apply: the service is there and carries traffic', async () => {
  await main().getByRole('button', { name: 'Apply Template' }).click();
  await page.waitForURL(/\/virtual-services\/\d+$/);
  // The address changes before the page: a click in between would find the form still there.
  await main().getByRole('heading', { name: 'Web HTTP', level: 1 }).waitFor();
  const [service] = await setting.appliance.call('listVirtualServices');
  await until('it to be up', async () => (await setting.appliance.serviceStatus(service?.id ?? 0))?.state === 'up');
  assert.deepEqual(Object.keys(await shares({ address: VIRTUAL, port: 80 }, 9)).sort(), ['a', 'b', 'c']);
});

test('an address that is taken is told at its field, and cannot be applied', async () => {
  await useTemplate('Web: HTTP');
  await main().getByLabel('Virtual Address').fill(VIRTUAL);
  await main()
    .getByText(/port 80 is already used by/)
    .waitFor();
  assert.equal(await main().getByRole('button', { name: 'Apply Template' }).isDisabled(), true);
  await main().getByLabel('Virtual Address').fill('127.46.0.101');
  await made().getByText('Makes 1 service').waitFor();
  await main().getByLabel('Use Template').click();
});

test('Exchange 2019: twelve services of one answer, each workload with its check and its reason', async () => {
  await page.goto('/templates');
  await main().getByRole('row').filter({ hasText: 'Exchange 2019 HTTPS Re-encrypted' }).click();
  await main().getByLabel('Virtual Address').fill('127.46.0.200');
  await main().getByLabel('Real Servers', { exact: true }).fill('127.46.0.11\n127.46.0.12');
  await main().getByLabel('Certificate', { exact: true }).click();
  await page.getByRole('option', { name: /^mail/ }).click();
  await main().getByLabel('Host Name').fill('mail.example.test');
  await made().getByText('Makes 2 services, 10 SubVSs, 20 Real Servers, 10 content rules').waitFor();
  await made()
    .getByRole('button', { name: /SubVS “Exchange EWS”/ })
    .click();
  await made().getByText('/ews/healthcheck.htm').waitFor();
  await made()
    .getByText(/Exchange itself answers 200 only while EWS is well/)
    .waitFor();
  await picture('exchange');
  assert.deepEqual(await axeFaults(), []);
  await main().getByRole('button', { name: 'Apply Template' }).click();
  await page.waitForURL(/\/virtual-services$/);
  const services = await setting.appliance.call('listVirtualServices');
  assert.equal(services.filter(each => each.address === '127.46.0.200').length, 12);
  await picture('made');
});

let exported = '';

test('Export Template: a service becomes a file', async () => {
  await page.goto('/virtual-services');
  await main().getByRole('button', { name: 'Operations on Web HTTP' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Export Template' }).click(),
  ]);
  exported = readFileSync((await download.path()) ?? '', 'utf8');
  assert.equal(JSON.parse(exported).format, 'ballast-template');
  assert.ok(!exported.includes(VIRTUAL), 'its address stays here');
});

test('Import Template: a file with a mistake is refused with its place, a good one is listed and can be deleted', async () => {
  await menu('Manage Templates').click();
  assert.deepEqual(await axeFaults(), []);
  await picture('list');
  const dialog = page.getByRole('dialog');
  const give = async (text: string) => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      dialog.getByRole('button', { name: 'Choose file…' }).click(),
    ]);
    await chooser.setFiles({ name: 'web.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  };
  await main().getByRole('button', { name: 'Import Template' }).click();
  await give('{}');
  await dialog.getByText('is no template').waitFor();
  const wrong = JSON.parse(exported);
  wrong.services[0].values.speed = 1;
  await give(JSON.stringify(wrong));
  await dialog.getByRole('button', { name: 'Add New Template' }).click();
  await dialog.getByText('/services/0/values/speed').waitFor();
  await give(exported);
  await dialog.getByRole('button', { name: 'Add New Template' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const row = main().getByRole('row').filter({ hasText: 'Exported from Web HTTP' });
  await row.waitFor();
  await row.getByRole('button', { name: 'Delete Web HTTP' }).click();
  await dialog.getByRole('button', { name: 'Delete Web HTTP' }).click();
  await row.waitFor({ state: 'hidden' });
});

test('list and form by keyboard alone, and nothing is cut off in a narrow window', async () => {
  for (const path of ['/templates', '/templates/exchange-2019-reencrypted']) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(path);
    await main().locator('h1').waitFor();
    await main().getByText('Exchange 2019 HTTPS Re-encrypted').first().waitFor();
    assert.deepEqual(await keyboardFaults(page), [], path);
    await page.setViewportSize({ width: 1024, height: 768 });
    await picture(`narrow${path.replaceAll('/', '-')}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${path} is ${wide} pixels wider than the window`);
  }
});

test('the browser met no error but the refusals it was shown', () => {
  assert.deepEqual(
    errors.filter(text => !/ (?:400|409) /.test(text)),
    [],
  );
});
