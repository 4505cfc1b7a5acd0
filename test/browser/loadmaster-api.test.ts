import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { commandList } from '../../server/compat/command-list.ts';
import { password } from '../support/appliance.ts';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** The page of the LoadMaster API: every command found, its line for a shell, tried with a password and with a key. */

let browser: Browser;
let page: Page;
let errors: string[];
const setting = Setting.forThisFile(async ({ appliance }) => {
  browser = await launchBrowser();
  ({ page, errors } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
  await logIn(page);
});
after(() => browser?.close());

const answer = () => page.getByRole('region', { name: 'Answer' });
const send = () => page.getByRole('button', { name: 'Send' });
const version = (name: string) => page.getByRole('radio', { name }).locator('xpath=..').click();

async function clean(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(
    grave.map(v => `${v.id}: ${v.nodes[0]?.html.slice(0, 120)}`),
    [],
  );
}

test('every command is listed, found by a parameter, and opened by keyboard', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'LoadMaster API' }).click();
  const filter = page.getByPlaceholder('Filter by name, parameter or purpose…');
  await filter.fill('rsport');
  await page.getByRole('link', { name: 'addrs', exact: true }).waitFor();
  await page.getByText(`of ${commandList.length}`).first().waitFor();
  assert.equal(await page.getByRole('link', { name: 'listvs', exact: true }).count(), 0);
  await filter.fill('listvs');
  await page.getByRole('link', { name: 'listvs', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'listvs', exact: true }).waitFor();
});

test('a command is tried with name and password in both versions; the console’s own session opens nothing', async () => {
  assert.equal(await send().isDisabled(), true, 'nobody asks');
  await page.getByLabel('User', { exact: true }).fill('bal');
  await page.getByLabel('Password', { exact: true }).fill('a guess');
  await send().click();
  await answer().getByText('401', { exact: true }).waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await answer().getByText('"code": 200').waitFor();
  await version('Version 1 (XML)');
  await send().click();
  await answer().getByText('<Response stat="200" code="ok">').waitFor();
  await clean();
});

test('a service is made with a key; the line for a shell has what was filled in, and no key', async () => {
  const { key } = await setting.appliance.call('createKey', {
    body: { name: 'tried', user: 'bal', role: 'administrator' },
  });
  const port = await freePort();
  await page.goto('/loadmaster-api/addvs');
  await page.getByText('This is the real thing').or(page.getByText('is needed')).first().waitFor();
  await page.getByLabel('API Key', { exact: true }).fill(key);
  await page.getByLabel('vs', { exact: false }).first().fill('127.0.0.1');
  await page.getByLabel(/^port\b/).fill(String(port));
  await page.getByLabel(/^prot\b/).fill("tc'p");
  const line = page.getByRole('region', { name: 'In a Shell' }).locator('pre');
  assert.match((await line.textContent()) ?? '', /"prot":"tc'\\''p"/, 'quoted for a shell');
  assert.ok(!(await line.textContent())?.includes(key), 'the key is not shown');
  await send().click();
  await answer().getByText('400', { exact: true }).waitFor();
  await page.getByLabel(/^prot\b/).fill('tcp');
  await send().click();
  await answer().getByText('"code": 200').waitFor();
  const services = await setting.appliance.call('listVirtualServices');
  assert.equal(services.filter(vs => vs.port === port).length, 1);
});

test('a file goes up: the raw body of version 1, base64 in version 2', async () => {
  const { chain, key } = await makePem('tried.example');
  for (const [name, label] of [
    ['first', 'Version 1 (XML)'],
    ['second', 'Version 2 (JSON)'],
  ] as const) {
    await page.goto('/loadmaster-api/addcert');
    await version(label);
    await page.getByLabel('User', { exact: true }).fill('bal');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel(/^cert\b/).fill(name);
    const replace = page.getByLabel(/^replace\b/);
    if (await replace.count()) await replace.fill('0');
    await page.locator('input[type=file]').setInputFiles({
      name: 'tried.pem',
      mimeType: 'application/x-pem-file',
      buffer: Buffer.from(chain + key),
    });
    await send().click();
    await answer().getByText('200').first().waitFor();
  }
  const names = (await setting.appliance.call('listCertificates')).map(one => one.name);
  assert.ok(names.includes('first') && names.includes('second'), names.join());
});

test('what differs is told beside the command and in a list; an unknown command is told', async () => {
  await page.goto('/loadmaster-api/backup');
  await page
    .getByRole('region', { name: 'What Differs from a LoadMaster' })
    .getByText('without private keys')
    .waitFor();
  await page.goto('/loadmaster-api?view=differences');
  await page.getByText('AddVia 0').waitFor();
  await clean();
  await page.goto('/loadmaster-api/nosuch');
  await page.getByText('There is no such command').waitFor();
  // A refused call is one too to the browser.
  const own = errors.filter(error => !error.startsWith('Failed to load resource'));
  assert.deepEqual(own, []);
});
