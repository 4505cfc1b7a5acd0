import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { after } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Statistics by the eye: live figures, graphs of several services, a table to take away, and the reset. */

let browser: Browser;
let port = 0;
const setting = Setting.forThisFile(async ({ appliance }) => {
  browser = await launchBrowser();
  port = await freePort();
  await appliance.addService({ name: 'Shop', address: '127.0.0.1', port, realServers: setting.servers() });
  await appliance.addService({ name: '=Mail', address: '127.0.0.1', port: await freePort(), type: 'tcp' });
});
after(() => browser?.close());

test('live figures of a service, its history beside another, CSV, and a reset', async () => {
  await shares({ port }, 60);
  const { page, errors, context } = await visit(browser, setting.appliance, { acceptDownloads: true });
  await logIn(page);
  await page.goto(`${setting.appliance.url}/statistics`);
  const row = page.getByRole('row', { name: /Shop/ });
  await until('the total to be shown', async () => / 60( |$)|60/.test(await row.innerText()));
  await page.getByRole('radio', { name: 'Interfaces' }).locator('xpath=..').click();
  await page.getByText('Total In').waitFor();
  await page.getByRole('radio', { name: 'Virtual Services' }).locator('xpath=..').click();
  await page.getByRole('link', { name: 'Shop' }).click();
  const graph = page.getByRole('img', { name: /^New connections: Shop average .*, highest [1-9]/ });
  await until('the graph to show the traffic', () => graph.isVisible());
  await page.getByLabel('Objects shown').and(page.locator('input')).fill('Mail');
  await page.getByRole('option', { name: '=Mail' }).click();
  await page.getByRole('img', { name: /^Requests: Shop .*; =Mail / }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: '1 year' }).locator('xpath=..').click();
  await until('today to be in the year', () => graph.isVisible());
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
  assert.match(lines[0] ?? '', /^time,object,name,connections,connections highest,/);
  assert.match(lines.at(-2) ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z,service:\d+,'=Mail,0,0,/, 'no formula for a spreadsheet');
  await page.goto(`${setting.appliance.url}/statistics`);
  await page.getByRole('button', { name: 'Reset Statistics' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset Statistics' }).click();
  await until('the total to begin anew', async () => !/60/.test(await row.innerText()));
  await shares({ port }, 6);
  await until('it to count on', async () => {
    const { services } = await setting.appliance.call('getStatus');
    return services[0]?.totalConnections === 6;
  });
  assert.deepEqual(errors, []);
  await context.close();
});
