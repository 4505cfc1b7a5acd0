import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { SftpServer } from '../support/sftp-server.ts';

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

test('an automated backup is set up and run by hand, onto a real sshd', { timeout: 90_000 }, async t => {
  const { appliance } = setting;
  const server = await SftpServer.start();
  t.after(() => server.stop());
  const { context, page, errors } = await visit(browser, appliance, {
    viewport: { width: 1440, height: 1400 },
    reducedMotion: 'reduce',
  });
  t.after(() => context.close());
  await logIn(page);
  await page.goto('/backup');
  await page.getByLabel('Remote Host', { exact: true }).fill('127.0.0.1');
  await page.getByLabel('Remote Port', { exact: true }).fill(String(server.port));
  await page.getByLabel('Remote User', { exact: true }).fill(server.user);
  await page.getByLabel('Pass Phrase of Backups', { exact: true }).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('stored', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Ask the host for its key' }).click();
  await page.getByText(server.fingerprint).waitFor();
  await page.getByRole('button', { name: 'Keep this key' }).click();
  await page.getByRole('button', { name: 'Make a key' }).click();
  const line = page.locator('.backup-key code');
  await line.waitFor();
  server.letIn(await line.innerText());
  await page.locator('#backupEnabled').getByRole('switch').press('Space');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('none: the schedule is off').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByText('1 backup', { exact: true }).waitFor();
  assert.match(server.files.join(), /^ballast-.*\.backup$/);
  await page.screenshot({ path: join(pictures, 'backup-schedule.png') });
  server.letIn('');
  await page.getByRole('button', { name: 'Run now' }).click();
  await page
    .getByText(/did not let “\w+” in with the key of this appliance/)
    .first()
    .waitFor();
  const occurrences = await appliance.call('listOccurrences');
  assert.ok(occurrences.some(({ text }) => text.startsWith('The backup failed: ')));
  await page.screenshot({ path: join(pictures, 'backup-failed.png') });
  assert.deepEqual(errors, []);
  t.diagnostic(`pictures in ${pictures}`);
});
