import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** What operators and onlookers find in the console: everything to see, and to do only what their role may. */

const password = 'a long password';
let browser: Browser;
let service = 0;
let servers: number[] = [];
const setting = Setting.forThisFile(async ({ appliance }) => {
  browser = await launchBrowser();
  const made = await appliance.addService({
    ...{ name: 'Shop', address: '127.0.0.1', port: await freePort() },
    realServers: setting.servers(),
  });
  service = made.service.id;
  servers = made.servers.map(server => server.id);
  for (const role of ['operator', 'read-only'] as const)
    await appliance.call('createUser', { body: { name: role.replace('-', ''), role, password } });
});
after(() => browser?.close());

/** Logs in, which the first time asks for a password of one's own. */
async function enter(page: Page, name: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  const own = `${password} of ${name}`;
  const fields = page.locator('input[type=password]');
  await page.getByRole('heading', { name: /password/i }).waitFor();
  for (let at = 0; at < (await fields.count()); at++) {
    const old = /current|old/i.test((await fields.nth(at).getAttribute('autocomplete')) ?? '');
    await fields.nth(at).fill(old ? password : own);
  }
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Home' }).waitFor();
}

/** Status of a call made with the session of the page. */
const asked = (page: Page, method: string, path: string, body?: object) =>
  page.evaluate(
    async ([how, where, what]) => {
      const sent = what ? { body: what, headers: { 'content-type': 'application/json' } } : {};
      const reply = await fetch(where as string, { method: how as string, ...sent });
      return reply.status;
    },
    [method, path, body && JSON.stringify(body)] as const,
  );

test('an operator takes servers out and back in, and may change nothing else', async () => {
  const { page, context } = await visit(browser, setting.appliance, { viewport: { width: 1440, height: 900 } });
  await enter(page, 'operator');
  await page.goto(`/virtual-services/${service}`);
  const row = page.getByRole('row', { name: new RegExp(String(setting.a.port)) });
  await row.getByRole('button', { name: /Disable/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Disable/ })
    .click();
  await until('the server to be disabled', async () => {
    const server = await setting.appliance.call('getRealServer', { at: { id: servers[0] ?? 0 } });
    return server.state === 'disabled';
  });
  assert.equal(await page.getByRole('button', { name: 'Delete', exact: true }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Duplicate' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Add New' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Users & API Keys' }).count(), 0);
  await page.getByRole('button', { name: /^Standard Options/ }).click();
  assert.ok(await page.locator('#idleTimeout input').first().isDisabled());
  assert.equal(await asked(page, 'PATCH', `/api/virtual-services/${service}`, { name: 'Mine' }), 403);
  assert.equal(await asked(page, 'DELETE', `/api/virtual-services/${service}`), 403);
  assert.equal(await asked(page, 'GET', '/api/configuration'), 403);
  await context.close();
});

test('an onlooker sees the service and its figures, and nothing to press that changes it', async () => {
  const { page, context } = await visit(browser, setting.appliance, { viewport: { width: 1440, height: 900 } });
  await enter(page, 'readonly');
  await page.goto(`/virtual-services/${service}`);
  await page.getByRole('heading', { name: 'Shop', level: 1 }).waitFor();
  for (const name of [/^Disable/, /^Enable/, 'Delete', 'Duplicate', 'Save'])
    assert.equal(
      await page.getByRole('button', { name, exact: true }).filter({ visible: true }).count(),
      0,
      String(name),
    );
  await page.goto('/statistics');
  await page.getByText('Shop').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Reset Statistics' }).count(), 0);
  assert.equal(await asked(page, 'POST', '/api/real-servers/state', { ids: servers, state: 'disabled' }), 403);
  assert.equal(await asked(page, 'POST', '/api/statistics/reset'), 403);
  await context.close();
});
