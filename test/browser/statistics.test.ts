import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Statistics by clicks and by keys: the tables of now and the last hour, the graphs, the file, the reset. */

const pictures = pictureFolder();
let browser: Browser;
let page: Page;
let errors: string[];
let port = 0;
const setting = Setting.forThisFile(async setting => {
  const { appliance } = setting;
  port = await freePort();
  const made = await appliance.addService({
    ...{ name: 'Shop', address: '127.0.0.1', port },
    realServers: setting.servers(),
  });
  const shop = made.service.id;
  await appliance.addService({ name: '=Mail', address: '127.0.0.1', port: await freePort(), type: 'tcp' });
  await until('the service to be up', async () => (await appliance.serviceStatus(shop))?.state === 'up');
  await shares({ port }, 60);
  await until('60 requests', async () => (await appliance.serviceStatus(shop))?.totalRequests === 60);
  browser = await launchBrowser();
  const visited = await visit(browser, appliance, {
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  page = visited.page;
  errors = visited.errors;
  await logIn(page);
});
after(() => browser?.close());

const main = () => page.locator('main');
const menu = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
const row = (table: string, text: string) =>
  main().getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });
const choose = (group: string, name: string) =>
  main().getByRole('radiogroup', { name: group }).getByText(name, { exact: true }).click();

async function clean(name: string): Promise<void> {
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(pictures, `statistics-${name}.png`) });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(
    grave.map(v => `${v.id}: ${v.nodes[0]?.html.slice(0, 160)}`),
    [],
  );
}

test('services: what came now, lately and in total, and the share of each', async () => {
  await menu('Real Time Statistics').click();
  await choose('What is counted', 'Requests');
  const cells = row('Virtual Services', 'Shop').getByRole('cell');
  await until('the total of 60 requests', async () => (await cells.nth(8).textContent()) === '60');
  await until('a share of all', async () => (await cells.nth(9).textContent()) === '100 %', { limit: 20_000 });
  const hour = Number(await cells.nth(7).textContent());
  assert.ok(hour > 57 && hour < 63, `${hour} in the last hour`);
  await row('Virtual Services', '=Mail')
    .getByText('–', { exact: true })
    .or(row('Virtual Services', '=Mail').getByText('0 %'))
    .first()
    .waitFor();
  await clean('services');
  await choose('What is counted', 'Bytes');
  await row('Virtual Services', 'Shop').getByText('kB').first().waitFor();
});

test('Enter on a service shows how its servers share it', async () => {
  await choose('What is counted', 'Requests');
  await row('Virtual Services', 'Shop').focus();
  await page.keyboard.press('Enter');
  const servers = main().getByRole('table', { name: 'Real Servers' });
  await until('three servers with a third each', async () => (await servers.getByText('33 %').count()) === 3, {
    limit: 20_000,
  });
  assert.match(page.url(), /kind=server&service=\d+/);
  await clean('servers');
  await page.reload();
  await servers.getByText('33 %').first().waitFor();
  await main().getByLabel('Show all services').click();
  await until('the choice to be gone', async () => !page.url().includes('service='));
});

test('the system and its interfaces', async () => {
  await choose('What is shown', 'System');
  await until('memory in use', async () =>
    /^Memory\d[\d.]* [MG]B\d/.test((await row('System', 'Memory').textContent()) ?? ''),
  );
  await clean('system');
  await choose('What is shown', 'Interfaces');
  const { links } = await setting.appliance.call('getStatus');
  if (links[0]) await row('Interfaces', links[0].name).waitFor();
  else await main().getByText('No interface').waitFor();
  await clean('interfaces');
  await choose('What is shown', 'Virtual Services');
});

test('the history of one beside another, over any range', async () => {
  await main().getByRole('link', { name: 'History of Shop' }).click();
  const graph = (name: RegExp) => main().getByRole('slider', { name });
  await graph(/^New connections: Shop average .*, highest [1-9]/).waitFor();
  await main().getByLabel('Objects shown').and(page.locator('input')).fill('Mail');
  await page.getByRole('option', { name: '=Mail' }).click();
  await page.keyboard.press('Escape');
  for (const range of ['5 min', '1 year', '1 quarter', '1 month', '1 week', '1 day', '6 h', '1 h']) {
    await choose('How far back', range);
    await graph(/^Requests: Shop average .*, highest [1-9].*; =Mail average /).waitFor();
  }
  const requests = graph(/^Requests: Shop /);
  await requests.focus();
  for (const key of ['End', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
  await until('the moment to be told', async () =>
    /^\d{4}-\d\d-\d\d \d\d:\d\d: Shop average .*; =Mail average /.test(
      (await requests.getAttribute('aria-valuetext')) ?? '',
    ),
  );
  await clean('history');
  await page.keyboard.press('Escape');
  await main()
    .getByRole('slider', { name: /^Requests/ })
    .and(page.locator('[aria-valuetext="arrow keys read a moment"]'))
    .waitFor();
});

test('the same as a file', async () => {
  const started = page.waitForEvent('download');
  await main().getByRole('button', { name: 'CSV' }).click();
  const file = await started;
  assert.equal(file.suggestedFilename(), 'statistics.csv');
  const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
  assert.match(lines[0] ?? '', /^time,object,name,connections,connections highest,/);
  assert.ok(lines.some(line => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z,service:\d+,Shop,/.test(line)));
  assert.match(lines.at(-2) ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z,service:\d+,'=Mail,0,0,/, 'no formula for a spreadsheet');
});

test('without a choice it says what to do', async () => {
  await page.goto('/statistics/history?kind=service&of=');
  await main().getByText('Nothing is chosen').waitFor();
  await clean('nothing');
});

test('a reset asks first, then everything is 0 and counts on', async () => {
  await page.goto('/statistics?count=requests');
  await main().getByRole('button', { name: 'Reset Statistics' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('cannot be undone', { exact: false }).waitFor();
  await clean('reset');
  await dialog.getByRole('button', { name: 'Reset Statistics' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const cells = row('Virtual Services', 'Shop').getByRole('cell');
  await until('the total to be 0', async () => (await cells.nth(8).textContent()) === '0');
  await shares({ port }, 6);
  await until('it to count on', async () => (await cells.nth(8).textContent()) === '6');
});

test('the browser met no error on the way', () => assert.deepEqual(errors, []));
