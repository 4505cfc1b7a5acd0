import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import test, { after } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Reboot and shutdown by clicks: what will happen is said first, and a machine that is no appliance is left alone. */

let browser: Browser;
let page: Page;
let held: Socket | undefined;
const setting = Setting.forThisFile(async ({ appliance }) => {
  const port = await freePort();
  await appliance.addService({ address: '127.0.0.1', port, type: 'tcp', realServers: setting.servers() });
  // Somebody is there, whom it would concern.
  held = connect(port, '127.0.0.1');
  browser = await launchBrowser();
  ({ page } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
  await logIn(page);
});
after(async () => {
  held?.destroy();
  await browser?.close();
});

for (const [act, question, words] of [
  ['Reboot', 'Reboot this appliance?', 'mostly within a minute'],
  ['Shut Down', 'Shut this appliance down?', 'until somebody switches it on again'],
] as const)
  test(`${act}: asked first, then refused beside other programs, in words`, async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Reboot/Shutdown' }).click();
    await page.getByRole('button', { name: `${act}…` }).click();
    const dialog = page.getByRole('dialog', { name: question });
    await dialog.getByText(words).waitFor();
    await dialog.getByText('1 open connection ends.').waitFor();
    await dialog.getByRole('button', { name: act, exact: true }).click();
    await dialog.getByText('Ballast runs here beside others').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.getByRole('button', { name: `${act}…` }).isEnabled(), true, 'nothing was begun');
    assert.equal((await setting.appliance.call('getHealth')).state, 'ok');
  });

test('Factory Reset: nothing without the word', async () => {
  await page.getByRole('button', { name: 'Factory Reset…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reset everything?' });
  await dialog.getByText('Only a backup made before brings anything back.').waitFor();
  await dialog.getByLabel('Type RESET to go on').fill('reset');
  await dialog.getByRole('button', { name: 'Factory Reset', exact: true }).click();
  await dialog.getByText('Type RESET first.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal((await setting.appliance.call('listVirtualServices')).length, 1);
});

test('Restart Services: the page comes back by itself, and nobody must log in again', async () => {
  await page.getByRole('button', { name: 'Restart Services…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restart the management?' });
  await dialog.getByRole('button', { name: 'Restart Services', exact: true }).click();
  await page.getByText('The management starts again.').waitFor();
  await until('it to be well', async () => (await setting.appliance.call('getHealth')).state === 'ok', {
    limit: 30_000,
  });
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'View/Modify Services' }).click();
  await page.getByRole('row').nth(1).waitFor();
  assert.equal(held?.destroyed, false, 'an open connection stays open');
});

test('Support Bundle: one file', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Support Bundle' }).click();
  const loaded = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Create and download' }).click();
  assert.match((await loaded).suggestedFilename(), /^ballast-support-.*\.tar\.gz$/);
  await page.getByText(/^Made ballast-support-/).waitFor();
});
