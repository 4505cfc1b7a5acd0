import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after, afterEach } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { makePem, type Pem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/**
 * The ten most usual jobs, each begun at Home, with no more clicks than a LoadMaster takes. A click is one of the pointer
 * or the Enter that submits; typing and pasting are free, for both. A drop-down is two, one to open and one to choose.
 */

/** Clicks of a LoadMaster, as loadmaster-features.md 2.8 tells the way; its menu is taken to be unfolded already. */
const loadMaster: Record<string, string[]> = {
  'create a service': ['Virtual Services', 'Add New', 'Add this Virtual Service'],
  'create one from a template': [
    ...['Manage Templates', 'choose file', 'Add New Template'],
    ...['Add New', 'Use Template', 'the template', 'Add this Virtual Service'],
    ...['Real Servers', 'Add New', 'Add This Real Server', 'OK'],
  ],
  'add a Real Server': [...['View/Modify', 'Modify', 'Real Servers', 'Add New', 'Add This Real Server', 'OK', 'Back']],
  'set the check to GET of a URL on a port': [
    ...['View/Modify', 'Modify', 'Real Servers', 'method', 'HTTP', 'Set URL', 'HTTP method', 'GET', 'Set Check Port'],
  ],
  'import a certificate': [
    ...[
      'Certificates & Security',
      'SSL Certificates',
      'Import Certificate',
      'certificate file',
      'key file',
      'Save',
      'OK',
    ],
  ],
  'assign a certificate': ['SSL Certificates', 'the service', 'move', 'Save Changes'],
  'offload TLS': [
    ...['View/Modify', 'Modify', 'SSL Properties', 'Enabled', 'OK'],
    ...['Real Servers', 'Add New', 'Add This Real Server', 'OK'],
  ],
  'redirect port 80': ['View/Modify', 'Modify', 'Advanced Properties', 'Add HTTP Redirector'],
  'disable a server everywhere': ['Real Servers', 'tick', 'Disable'],
  'disable a server in one service': ['View/Modify', 'Modify', 'Real Servers', 'Disable'],
};

const address = '127.47.0.100';
let browser: Browser;
let page: Page;
let errors: string[];
let pem: Pem;
let clicks: string[] = [];

const setting = Setting.forThisFile(async ({ appliance }) => {
  pem = await makePem('tasks.example');
  const other = await makePem('other.example');
  await appliance.call('importCertificate', { body: { name: 'other', pem: other.chain, key: other.key } });
  browser = await launchBrowser();
  ({ page, errors } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
  await logIn(page);
});
after(() => browser?.close());

const pictures = pictureFolder();
afterEach(async t => {
  if (!('passed' in t) || t.passed) return;
  const path = join(pictures, `task-${t.name.replaceAll(/\W+/g, '-').slice(0, 60)}.png`);
  await page?.screenshot({ path });
  console.log(`a picture of what went wrong: ${path}; clicks: ${clicks.join(' > ')}`);
});

const main = () => page.getByRole('main');
/** The page of certificates, in a group of its own or not. */
const CERTIFICATES = /^(?:SSL )?Certificates$/;
const menu = (name: string | RegExp) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
const button = (name: string | RegExp) => main().getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const option = (name: string | RegExp) => page.getByRole('option', { name, exact: true }).first();
const row = (text: string) => main().getByRole('row').filter({ hasText: text }).first();

async function click(what: string, where: Locator): Promise<void> {
  await where.click();
  clicks.push(what);
}

async function chooseTemplate(name: string): Promise<void> {
  await click('Use Template', main().getByLabel('Use Template'));
  // Typed, so that the list is short and nothing moves under the pointer.
  await main().getByLabel('Use Template').fill(name);
  await click('the template', option(name));
}

/** The job from Home on, nothing unfolded that was not unfolded at first; it must end within the LoadMaster's clicks. */
function task(name: string, work: () => Promise<void>): void {
  test(name, async t => {
    await page.goto('/');
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await menu('Add New').waitFor();
    clicks = [];
    await work();
    const theirs = loadMaster[name] ?? [];
    t.diagnostic(`${name}: ${clicks.length} clicks (${clicks.join(' > ')}), LoadMaster ${theirs.length}`);
    assert.ok(
      clicks.length <= theirs.length,
      `${clicks.length} clicks: ${clicks.join(' > ')}; LoadMaster: ${theirs.join(' > ')}`,
    );
  });
}

const services = () => setting.appliance.call('listVirtualServices');
const named = (name: string) =>
  until(`a service “${name}”`, async () => (await services()).find((each: VirtualService) => each.name === name));
const serversOf = async (name: string) =>
  setting.appliance.call('listRealServers', { query: { virtualService: (await named(name)).id } });

task('create a service', async () => {
  await click('Add New', menu('Add New'));
  await main().getByLabel('Virtual Address').fill(address);
  await main().getByLabel('Port', { exact: true }).first().fill('8080');
  await main().getByLabel('Service Name').fill('Shop');
  await click('Add this Virtual Service', button('Add this Virtual Service'));
  await page.waitForURL(/\/virtual-services\/\d+$/);
  assert.equal((await named('Shop')).port, 8080);
});

task('create one from a template', async () => {
  await click('Add New', menu('Add New'));
  await chooseTemplate('Web: HTTP');
  await main().getByLabel('Virtual Address').fill('127.47.0.101');
  await main()
    .getByLabel('Real Servers', { exact: true })
    .fill(`127.0.0.1:${setting.a.port}\n127.0.0.1:${setting.b.port}`);
  await click('Apply Template', button('Apply Template'));
  await page.waitForURL(/\/virtual-services\/\d+$/);
  assert.equal((await serversOf('Web HTTP')).length, 2);
});

task('add a Real Server', async () => {
  await click('View/Modify Services', menu('View/Modify Services'));
  await click('Shop', row('Shop'));
  await click('Add New', page.locator('#real-servers').getByRole('button', { name: 'Add New' }));
  await dialog().getByLabel('Real Server Address').fill('127.0.0.1');
  await dialog().getByLabel('Port', { exact: true }).fill(String(setting.a.port));
  await click('Add This Real Server', dialog().getByRole('button', { name: 'Add This Real Server' }));
  await dialog().waitFor({ state: 'hidden' });
  assert.equal((await serversOf('Shop')).length, 1);
});

task('set the check to GET of a URL on a port', async () => {
  await click('View/Modify Services', menu('View/Modify Services'));
  await click('Shop', row('Shop'));
  await click('Health Check', button(/^Health Check/));
  await click('Real Server Check Method', main().getByLabel('Real Server Check Method', { exact: true }));
  await click('HTTP', page.getByRole('option', { name: 'HTTP', exact: true }));
  await main().locator('#checkUrl input').fill('/ready');
  await click('HTTP Method', main().getByLabel('HTTP Method', { exact: true }));
  await click('GET', page.getByRole('option', { name: 'GET', exact: true }));
  await main().getByLabel('Checked Port', { exact: true }).fill('8081');
  await click('Save', button('Save'));
  await page.getByText('Live since').waitFor();
  const { checkType, checkUrl, checkMethod, checkPort } = await named('Shop');
  assert.deepEqual([checkType, checkUrl, checkMethod, checkPort], ['http', '/ready', 'GET', 8081]);
});

task('import a certificate', async () => {
  await click('SSL Certificates', menu(CERTIFICATES));
  await click('Import Certificate', button('Import Certificate').first());
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    click('Choose files', dialog().getByRole('button', { name: 'Choose files…' })),
  ]);
  const file = (name: string, text: string) => ({
    name,
    mimeType: 'application/x-pem-file',
    buffer: Buffer.from(text),
  });
  await chooser.setFiles([file('tasks.crt', pem.chain), file('tasks.key', pem.key)]);
  await dialog().getByLabel('Certificate Identifier').fill('tasks');
  await click('Import Certificate', dialog().getByRole('button', { name: 'Import Certificate' }));
  await dialog().waitFor({ state: 'hidden' });
  assert.ok((await setting.appliance.call('listCertificates')).some(each => each.name === 'tasks'));
});

task('offload TLS', async () => {
  await setting.appliance.addService({ address, port: 443, name: 'Mail', checkType: 'http' });
  await click('View/Modify Services', menu('View/Modify Services'));
  await click('Mail', row('Mail'));
  await click('SSL Properties', button(/^SSL Properties/));
  // The switch itself is hidden under its picture.
  await click('SSL Acceleration', main().locator('#tls .mantine-Switch-track'));
  await click('Certificates', main().getByLabel('Certificates', { exact: true }));
  await click('other', option(/^other/));
  await click('Save', button('Save'));
  await page.getByText('Live since').waitFor();
  await click('Add New', page.locator('#real-servers').getByRole('button', { name: 'Add New' }));
  await dialog().getByLabel('Real Server Address').fill('127.0.0.1');
  await dialog()
    .getByLabel('Port', { exact: true })
    .fill(String(await freePort()));
  await click('Add This Real Server', dialog().getByRole('button', { name: 'Add This Real Server' }));
  await dialog().waitFor({ state: 'hidden' });
  assert.equal((await named('Mail')).tls, true);
  assert.equal((await serversOf('Mail')).length, 1);
});

task('assign a certificate', async () => {
  await click('SSL Certificates', menu(CERTIFICATES));
  await click('tasks', row('tasks'));
  await click('Mail', main().getByLabel('Mail', { exact: true }));
  await click('Save Changes', button('Save Changes'));
  const certificate = (await setting.appliance.call('listCertificates')).find(each => each.name === 'tasks');
  await until('it to be assigned', async () => (await named('Mail')).certificates.includes(certificate?.id ?? 0));
});

task('redirect port 80', async () => {
  await click('Add New', menu('Add New'));
  await chooseTemplate('Web: redirect to HTTPS');
  await main().getByLabel('Virtual Address').fill(address);
  await click('Apply Template', button('Apply Template'));
  await page.waitForURL(/\/virtual-services\/\d+$/);
  const { port, unavailableAction } = await named('HTTP redirect');
  assert.deepEqual([port, unavailableAction], [80, 'redirect']);
});

task('disable a server in one service', async () => {
  const name = `127.0.0.1:${setting.b.port}`;
  await click('View/Modify Services', menu('View/Modify Services'));
  await click('Web HTTP', row('Web HTTP'));
  await click('Disable', button(`Disable ${name}`));
  await click(`Disable ${name}`, dialog().getByRole('button', { name: `Disable ${name}` }));
  await dialog().waitFor({ state: 'hidden' });
  assert.ok((await serversOf('Web HTTP')).some(each => each.port === setting.b.port && each.state === 'disabled'));
});

task('disable a server everywhere', async () => {
  await click('Real Servers', menu('Real Servers'));
  await click('Disable', row('127.0.0.1').getByRole('button', { name: /^Disable/ }));
  await click('Disable 127.0.0.1', dialog().getByRole('button', { name: 'Disable 127.0.0.1' }));
  await dialog().waitFor({ state: 'hidden' });
  const servers = await setting.appliance.call('listRealServers');
  assert.ok(servers.every(each => each.state === 'disabled'));
});

test('every job of the table was done, and the browser met no error', () => {
  assert.equal(Object.keys(loadMaster).length, 10);
  assert.deepEqual(errors, []);
});
