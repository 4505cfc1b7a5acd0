import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** The persistence table at the console: seen, searched, one entry forgotten, all forgotten. */

const address = '127.0.0.1';
const pictures = pictureFolder();
let browser: Browser;
let page: Page;
let errors: string[];

Setting.forThisFile(async setting => {
  browser = await launchBrowser();
  const port = await freePort();
  const made = await setting.appliance.addService({
    name: 'Shop',
    address,
    port,
    persistence: 'source-ip',
    realServers: setting.servers(),
  });
  for (const from of ['127.0.30.1', '127.0.30.2', '127.0.30.3']) await ask({ port }, { from });
  ({ page, errors } = await visit(browser, setting.appliance));
  await logIn(page);
  await page.goto(`/virtual-services/${made.service.id}`);
});
after(async () => {
  await browser?.close();
});

test('the table is seen, searched and forgotten', async () => {
  const panel = page.getByRole('region', { name: 'Persistence table' });
  await panel.getByRole('button', { name: 'Show' }).click();
  await panel.getByText('3 entries').waitFor();
  await page.screenshot({ path: join(pictures, 'persistence.png'), fullPage: true });
  const { violations } = await new AxeBuilder({ page }).include('[aria-label="Persistence table"]').analyze();
  assert.deepEqual(
    violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => `${v.id}: ${v.help}`),
    [],
  );
  await panel.getByLabel('Search the persistence table').fill('30.2');
  await panel.getByText('1 of 3 entries match').waitFor();
  await panel.getByRole('button', { name: 'Forget 127.0.30.2' }).click();
  await panel.getByText('Nothing matches').waitFor();
  await panel.getByLabel('Search the persistence table').fill('');
  await panel.getByText('2 entries').waitFor();
  await panel.getByRole('button', { name: 'Forget all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget all' }).click();
  await panel.getByText('No entries').waitFor();
  assert.deepEqual(errors, []);
});
