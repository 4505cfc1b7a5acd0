import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** Making a backup and putting it back, as a person does it. */

const PASSPHRASE = 'twelve heavy stones';
const pictures = pictureFolder();
let browser: Browser;
const setting = Setting.forThisFile(async ({ appliance }) => {
  browser = await launchBrowser();
  await appliance.addService({ name: 'Shop', address: '127.0.0.1', port: await freePort() });
});
after(() => browser?.close());

test('a backup is made, downloaded, opened, previewed and restored; a wrong pass phrase says so', {
  timeout: 90_000,
}, async t => {
  const { appliance } = setting;
  const { context, page, errors } = await visit(browser, appliance, {
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
    reducedMotion: 'reduce',
  });
  t.after(() => context.close());
  await logIn(page);
  await page.getByRole('link', { name: 'Backup/Restore' }).click();
  await page.getByRole('heading', { name: 'Backup/Restore', level: 1 }).waitFor();

  await page.getByLabel('Pass phrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('The same again').fill('something else');
  await page.getByText('This is not the same.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Create and download' }).isDisabled());
  await page.getByLabel('The same again').fill(PASSPHRASE);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Create and download' }).click();
  const file = await coming;
  assert.match(file.suggestedFilename(), /^ballast-.*\.backup$/);
  await page.getByText(/^Made ballast-/).waitFor();
  const bytes = readFileSync(await file.path());
  assert.equal(bytes.toString('latin1', 0, 17), 'ballast-backup-1\n');

  const [shop] = await appliance.call('listVirtualServices');
  await appliance.call('deleteVirtualService', { at: { id: shop?.id ?? 0 } });
  await appliance.call('createUser', { body: { name: 'eve', role: 'operator', password: 'a long first password' } });

  const choose = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose file…' }).click();
  await (await choose).setFiles({ name: 'mine.backup', mimeType: 'application/octet-stream', buffer: bytes });
  await page.getByText('mine.backup').waitFor();
  await page.getByLabel('Pass phrase of this backup').fill('twelve light stones');
  await page.getByRole('button', { name: 'Open backup' }).click();
  await page.getByText('The pass phrase is not the one this backup was made with.').waitFor();
  await page.getByLabel('Pass phrase of this backup').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Open backup' }).click();
  await page.getByLabel(/^Services \(1 service, 0 servers/).waitFor();
  await page.screenshot({ path: join(pictures, 'backup-opened.png') });
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id),
    [],
  );

  await page.getByRole('button', { name: 'Restore…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('User “eve” is removed.').waitFor();
  await dialog.getByText(/Added Virtual Service “Shop”/).waitFor();
  await page.screenshot({ path: join(pictures, 'backup-preview.png') });
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  assert.deepEqual(
    (await appliance.call('listVirtualServices')).map(vs => vs.name),
    ['Shop'],
  );
  assert.ok(!(await appliance.call('listUsers')).some(user => user.name === 'eve'));
  // 422 is what the wrong pass phrase was answered with.
  assert.deepEqual(
    errors.filter(text => !/ 422 /.test(text)),
    [],
  );
  t.diagnostic(`pictures in ${pictures}`);
});
