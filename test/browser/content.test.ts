import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { applied } from '../support/appliance.ts';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Content rules, their order, SubVSs and the rule tester, as a person meets them. */

const pictures = pictureFolder();
let browser: Browser;
let port = 0;
let service = 0;
const setting = Setting.forThisFile(async ({ appliance }) => {
  browser = await launchBrowser();
  for (const [name, pattern] of Object.entries({ wide: '^/x', narrow: '^/x/y' }))
    applied(await appliance.call('createContentRule', { body: { name, pattern } }));
  port = await freePort();
  const made = await appliance.addService({
    name: 'Shop',
    address: '127.0.0.1',
    port,
    checkType: 'none',
    contentSwitching: true,
    rulePrecedence: [1, 2],
    realServers: setting.servers({ rules: [1] }, { rules: [2] }),
  });
  service = made.service.id;
});
after(() => browser?.close());

async function clean(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `content-${name}.png`), fullPage: true });
  const axe = new AxeBuilder({ page });
  // A dialog's header is no second banner of the page.
  const { violations } = await ((await page.getByRole('dialog').count()) > 0 ? axe.include('[role=dialog]') : axe)
    .disableRules(['landmark-no-duplicate-banner', 'landmark-unique'])
    .analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html.slice(0, 160)}`),
    [],
  );
}

test('rules are added, duplicated and deleted; one in use cannot be deleted, and a bad expression is told while typing', async () => {
  const { page, context, errors } = await visit(browser, setting.appliance, { viewport: { width: 1440, height: 900 } });
  await logIn(page);
  await page.getByRole('link', { name: 'Content Rules' }).click();
  await page.getByRole('row', { name: /narrow/ }).waitFor();
  await clean(page, 'list');
  assert.ok(await page.getByRole('button', { name: 'Delete narrow' }).isDisabled());

  await page.getByRole('button', { name: 'Create New' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Rule Name').fill('images');
  await dialog.getByLabel('Match String').fill('(gif');
  await dialog.getByText(/is no regular expression/).waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Add This Rule' }).isDisabled());
  await dialog.getByLabel('Match String').fill('\\.gif$');
  await clean(page, 'form');
  await dialog.getByRole('button', { name: 'Add This Rule' }).click();
  await page.getByRole('row', { name: /images/ }).waitFor();

  await page.getByRole('button', { name: 'Duplicate images' }).click();
  await dialog.getByRole('button', { name: 'Add This Rule' }).click();
  await page.getByRole('row', { name: /images-copy/ }).waitFor();
  await page.getByRole('button', { name: 'Delete images-copy' }).click();
  await dialog.getByRole('button', { name: 'Delete images-copy' }).click();
  await until('the copy to be gone', async () => (await setting.appliance.call('listContentRules')).length === 3);
  assert.deepEqual(errors, []);
  await context.close();
});

test('the order of rules changes by keyboard, the tester says who gets a request, and a server row shows its rules', async () => {
  const { page, context, errors } = await visit(browser, setting.appliance, { viewport: { width: 1440, height: 900 } });
  await logIn(page);
  await page.goto(`/virtual-services/${service}#rulePrecedence`);
  assert.equal((await ask({ port }, { path: '/x/y' })).body, 'a');
  const wide = page.locator('#rulePrecedence li', { hasText: 'wide' });
  await wide.getByRole('button', { name: 'Move wide down' }).focus();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await until('the new order to be in effect', async () => (await ask({ port }, { path: '/x/y' })).body === 'b');

  await page.getByRole('button', { name: /Rule Tester/ }).click();
  await page.getByRole('textbox', { name: 'URL' }).last().fill('/x/y');
  await page.keyboard.press('Enter');
  await page.getByText(/Goes to one Real Server: “narrow” decided/).waitFor();
  await clean(page, 'tester');

  await page.getByRole('button', { name: `Rules of 127.0.0.1:${setting.a.port}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Default Rule').click({ force: true });
  await clean(page, 'server-rules');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await until('the default to be in effect', async () => (await ask({ port }, { path: '/z' })).body === 'a');
  assert.deepEqual(errors, []);
  await context.close();
});

test('the order of rules changes by dragging', async () => {
  const { page, context, errors } = await visit(browser, setting.appliance, { viewport: { width: 1440, height: 900 } });
  await logIn(page);
  await page.goto(`/virtual-services/${service}#rulePrecedence`);
  const rule = (name: string) => page.locator('#rulePrecedence li', { hasText: name });
  const names = async () =>
    (await page.locator('#rulePrecedence .ref-name').allInnerTexts()).map(text => text.split(' ')[0]);
  await rule('narrow').waitFor();
  const [first = '', second = ''] = await names();
  await rule(second).dragTo(rule(first));
  assert.deepEqual(await names(), [second, first]);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await until('the new order to be stored', async () => {
    const { rulePrecedence } = await setting.appliance.call('getVirtualService', { at: { id: service } });
    const ids = await setting.appliance.call('listContentRules');
    return ids.find(one => one.id === rulePrecedence[0])?.name === second;
  });
  assert.deepEqual(errors, []);
  await context.close();
});

test('a SubVS is added to an empty service and opens; the list counts it and does not show it as a service', async () => {
  const { page, context, errors } = await visit(browser, setting.appliance, { viewport: { width: 1024, height: 768 } });
  const { service: parent } = await setting.appliance.addService({
    name: 'Mail',
    address: '127.0.0.1',
    port: await freePort(),
    checkType: 'none',
  });
  await logIn(page);
  await page.goto(`/virtual-services/${parent.id}`);
  await page.getByRole('button', { name: 'Add SubVS' }).click();
  await page.getByRole('dialog').getByLabel('Service Name').fill('owa');
  await page.keyboard.press('Enter');
  await page.getByText('SubVS of').waitFor();
  await clean(page, 'sub');
  await page.getByRole('link', { name: 'Mail', exact: true }).click();
  await page.getByRole('row', { name: /owa/ }).waitFor();
  await clean(page, 'parent');
  await page.goto('/virtual-services');
  await page.getByRole('row', { name: /Mail.*1 SubVS/ }).waitFor();
  assert.equal(await page.locator('.row-name', { hasText: /^owa$/ }).count(), 0);
  await clean(page, 'services');
  assert.deepEqual(errors, []);
  await context.close();
});
