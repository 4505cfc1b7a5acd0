import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import test, { after } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

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
