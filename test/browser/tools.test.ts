import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** The tools by clicks: ping with its result, a refusal in words, a capture that is taken away, a connection that is ended. */

let browser: Browser;
let page: Page;
let errors: string[];
let port = 0;
const setting = Setting.forThisFile(async ({ appliance }) => {
  port = await freePort();
  await appliance.addService({ name: 'Held', address: '127.0.0.1', port, type: 'tcp', realServers: setting.servers() });
  browser = await launchBrowser();
  ({ page, errors } = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } }));
  await logIn(page);
});
after(() => browser?.close());

async function clean(): Promise<void> {
  await page.waitForTimeout(250);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(
    grave.map(v => `${v.id}: ${v.nodes[0]?.html.slice(0, 120)}`),
    [],
  );
}
const choose = (tool: string) => page.getByRole('radio', { name: tool }).locator('xpath=..').click();
const result = () => page.getByRole('region', { name: 'Result' });

test('ping, by keyboard', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tools' }).click();
  await choose('Ping');
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.keyboard.press('Enter');
  await result().getByText('64 bytes from 127.0.0.1').first().waitFor();
  await result().getByText('done').waitFor();
  await clean();
});

test('what is no host is told, and nothing runs', async () => {
  await page.getByLabel('Host').fill('--help');
  await page.getByRole('button', { name: 'Ping', exact: true }).click();
  await page.getByText('It was not begun').waitFor();
});

test('a connection to a port where nobody listens', async () => {
  await choose('TCP Connect');
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByLabel('Port').fill('1');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await result().getByText('Refused').waitFor();
  await result().getByText('failed').waitFor();
});

test('a capture is ended by hand and taken away', async () => {
  await choose('Packet Capture');
  const [link] = (await setting.appliance.call('getStatus')).links;
  await page.getByLabel('Interface').and(page.locator('input')).click();
  await page.getByRole('option', { name: link?.name ?? '', exact: true }).click();
  await page.getByRole('button', { name: 'Capture', exact: true }).click();
  await result().getByText('listening on').waitFor();
  await result().getByRole('button', { name: 'End It' }).click();
  await result().getByText('ended by hand').waitFor();
  const button = result().getByRole('button', { name: 'Download pcap' });
  // A quiet machine has nothing to take away.
  if (await button.isVisible()) {
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    assert.equal(readFileSync(await download.path()).readUInt32LE(0), 0xa1b2c3d4);
  }
  await clean();
});

test('an open connection is seen and ended', async () => {
  await choose('Connections');
  const socket = connect(port, '127.0.0.1');
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  const { localPort } = await new Promise<typeof socket>(done => socket.once('connect', () => done(socket)));
  const end = page.getByRole('button', { name: `End the connection of 127.0.0.1:${localPort}` });
  await end.waitFor();
  await clean();
  await end.click();
  await until('it to be ended', () => closed);
  await until('it to leave the list', async () => !(await end.isVisible()));
  assert.deepEqual(
    errors.filter(error => !/ 400 /.test(error)),
    [],
  );
});
