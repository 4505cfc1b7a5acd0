import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** The settings of the appliance, and what concerns the network in a service’s own, by clicks. */

let browser: Browser;
let page: Page;
let errors: string[];
const setting = Setting.forThisFile(async ({ appliance }) => {
  await appliance.call('patchSettings', { body: { slowStart: 10 } });
  browser = await launchBrowser();
  const visited = await visit(browser, appliance, { viewport: { width: 1440, height: 900 } });
  page = visited.page;
  errors = visited.errors;
  await logIn(page);
});
after(() => browser?.close());

const main = () => page.locator('main');
const settings = () => setting.appliance.call('getSettings');
const bar = (name: string) => main().getByRole('button', { name: new RegExp(`^${name}`) });

async function clean(): Promise<void> {
  await page.waitForTimeout(250);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(
    grave.map(v => `${v.id}: ${v.nodes[0]?.html.slice(0, 120)}`),
    [],
  );
}

test('a setting is foreseen, saved and undone', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'L7 Configuration' }).click();
  await main().getByLabel('Connection Drain Time', { exact: true }).fill('600');
  await main().getByText('1 change').waitFor();
  await main().getByRole('button', { name: 'Review' }).click();
  await page.getByRole('dialog').getByText('Connection Drain Time 300 s → 600 s', { exact: false }).waitFor();
  await clean();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await until('the setting to be stored', async () => (await settings()).drainTime === 600);
  await main().getByText('Live since').waitFor();
  await main().getByRole('button', { name: 'Undo' }).click();
  await until('it to be undone', async () => (await settings()).drainTime === 300);
});

test('a line that is no network is told at its field and not saved', async () => {
  await bar('Access Control').click();
  await main().getByLabel('Block List', { exact: true }).fill('10.0.0.0/99 nobody');
  await main().getByText('no address or network', { exact: false }).first().waitFor();
  assert.ok(await main().getByRole('button', { name: 'Save', exact: true }).isDisabled());
  await main().getByRole('button', { name: 'Discard' }).click();
});

test('Layer 4 says what it needs, gives the way, and the path can be checked', async () => {
  const port = await freePort();
  const made = await setting.appliance.addService({
    ...{ name: 'Four', address: '127.0.0.1', port, type: 'tcp' },
    realServers: setting.servers(),
  });
  await page.goto(`/virtual-services/${made.service.id}`);
  await bar('Standard Options').click();
  await main().getByText('Needs Layer Layer 4.').first().waitFor();
  await main().getByRole('button', { name: 'Check the Path' }).click();
  await main().getByText('answers within', { exact: false }).first().waitFor();
  await clean();
  await main().getByRole('button', { name: 'Set Layer to Layer 4' }).first().click();
  await main().getByRole('button', { name: 'Save', exact: true }).click();
  await main().getByText('operating at Layer 4', { exact: false }).waitFor();
});

test('UDP follows from the port, and such a service is made', async () => {
  await page.goto('/virtual-services/new');
  await main().getByLabel('Virtual Address', { exact: true }).fill('127.0.0.1');
  await main().getByLabel('Port', { exact: true }).first().fill('53');
  await main().getByText('DNS over UDP on 53: health check DNS', { exact: false }).waitFor();
  assert.ok(await main().getByRole('radio', { name: 'UDP' }).isChecked());
  await clean();
  await main().getByRole('radio', { name: 'Layer 4' }).locator('xpath=..').click();
  await main().getByText('DNS, Layer 4, on 53', { exact: false }).waitFor();
  await main().getByRole('radio', { name: 'UDP' }).locator('xpath=..').click();
  await main().getByRole('button', { name: 'Add this Virtual Service' }).click();
  await page.waitForURL(/\/virtual-services\/\d+$/);
  const made = (await setting.appliance.call('listVirtualServices')).at(-1);
  assert.deepEqual([made?.layer, made?.protocol, made?.checkType], ['l4', 'udp', 'dns']);
});

test('the browser met no error on the way', () => assert.deepEqual(errors, []));
