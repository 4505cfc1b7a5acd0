import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { after } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Syslog targets and mail alerts by clicks: stored, tested, and the other side's own words shown. */

let browser: Browser;
let page: Page;
const messages: string[] = [];
const udp = createSocket('udp4').on('message', text => messages.push(text.toString()));
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo: ({ address }, _session, done) =>
    done(address.startsWith('ops@') ? null : Object.assign(new Error('no such mailbox here'), { responseCode: 550 })),
});
const setting = Setting.forThisFile(async ({ appliance }) => {
  udp.bind(0, '127.0.0.1');
  smtp.listen(0, '127.0.0.1');
  await Promise.all([once(udp, 'listening'), once(smtp.server, 'listening')]);
  browser = await launchBrowser();
  ({ page } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
  await logIn(page);
});
after(async () => {
  await browser?.close();
  udp.close();
  smtp.close(() => {});
});
const menu = (name: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
const save = async () => {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
};

test('a syslog target is stored and gets a test message', async () => {
  await menu('Syslog');
  await page.getByText('No target yet.').waitFor();
  await page.getByLabel('Error Hosts').fill(`127.0.0.1/${udp.address().port}`);
  await save();
  await page.getByText('error and graver; 0 sent').waitFor();
  await page.getByRole('button', { name: 'Send a test message' }).click();
  await page.getByText('The test message was sent to every target').waitFor();
  await until('it is there', () => messages.some(text => text.endsWith('This is a test of Ballast.')));
});

test('a test mail shows what the mail server answered', async () => {
  await menu('E-mail');
  const { port } = smtp.server.address() as { port: number };
  await setting.appliance.call('patchSettings', {
    body: { emailServer: '127.0.0.1', emailPort: port, emailSecurity: 'none' },
  });
  await page.reload();
  await page.getByLabel('Send a test mail to').fill('nobody@example.test');
  await page.getByRole('button', { name: 'Send test mail' }).click();
  await page.getByText('no such mailbox here').waitFor();
  await page.getByLabel('Send a test mail to').fill('ops@example.test');
  await page.getByRole('button', { name: 'Send test mail' }).click();
  await page.getByText(/The server took it: 250 /).waitFor();
  assert.equal(await page.getByLabel('Mail Password').inputValue(), '');
});
