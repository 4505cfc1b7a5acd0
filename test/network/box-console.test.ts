import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser, logIn, pictureFolder, visit } from '../support/browser.ts';
import { patience, until } from '../support/wait.ts';

/** What an administrator meets in the console when the network changes: kept, undone, and moved to another address. */

const SECONDS = 12;

if (!insideOwnNetwork)
  test('changing the network in the console', { timeout: patience(180_000) }, t => runInside(t, import.meta.filename));
else
  test('changing the network in the console', async t => {
    const network = new Network(['office', 'other']);
    t.after(() => network.close());
    network.plug('eth0', 'office', '10.9.0.1/24', 'fd09::1/64');
    network.plug('eth1', 'other');
    // On a machine of its own: a browser drops its requests when its own addresses change.
    network.host('admin', 'office', ['10.9.0.50/24', '10.8.0.50/24', '10.8.1.50/24'], []);
    const appliance = await Appliance.start({ BALLAST_ADDRESS: '::', BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    await appliance.call('patchSettings', { body: { confirmTime: SECONDS } });
    const browser = await launchBrowser(['ip', ...network.command('admin', '').slice(0, -1)]);
    t.after(() => browser.close());
    const pictures = pictureFolder();
    const at = async (host: string) => {
      const visited = await visit(browser, appliance, {
        baseURL: `https://${host}:${appliance.port}`,
        viewport: { width: 1440, height: 900 },
      });
      await logIn(visited.page);
      return visited.page;
    };
    const look = async (page: Page, name: string) => {
      await page.screenshot({ path: join(pictures, `${name}.png`) });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
      assert.deepEqual(
        grave.map(v => `${v.id}: ${v.nodes[0]?.html.slice(0, 120)}`),
        [],
      );
    };
    const banner = (page: Page) => page.getByRole('region', { name: 'Change of the network' });
    const go = (page: Page, name: string) =>
      page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
    const dialog = (page: Page) => page.getByRole('dialog');
    const waiting = async () => (await appliance.call('getStatus')).unconfirmed;
    const page = await at('10.9.0.1');

    await t.test('an interface that is there is taken in with what it has', async () => {
      await go(page, 'Interfaces');
      await page.getByRole('button', { name: 'Configure eth0' }).click();
      assert.equal(await dialog(page).getByLabel('Addresses', { exact: true }).inputValue(), '10.9.0.1/24\nfd09::1/64');
      await dialog(page).getByRole('button', { name: 'Add This Interface' }).click();
      await page.getByRole('button', { name: 'Modify eth0' }).waitFor();
      assert.equal(await waiting(), undefined);
    });

    await t.test('a fault is told while it is typed', async () => {
      await page.getByRole('button', { name: 'Configure eth1' }).click();
      await dialog(page).getByLabel('Addresses', { exact: true }).fill('10.9.0.7/24');
      await dialog(page).getByText('overlaps with 10.9.0.0/24 of eth0').waitFor();
      assert.ok(await dialog(page).getByRole('button', { name: 'Add This Interface' }).isDisabled());
      await look(page, 'interface-dialog');
      await page.keyboard.press('Escape');
    });

    await t.test('the banner counts down on every page, and the change is kept', async () => {
      await page.getByRole('button', { name: 'Modify eth0' }).click();
      await dialog(page).getByLabel('Addresses', { exact: true }).fill('10.9.0.1/24\nfd09::1/64\n10.8.0.1/24');
      await dialog(page).getByRole('button', { name: 'Save' }).click();
      await banner(page).waitFor();
      await go(page, 'History');
      await banner(page)
        .getByText(/[0-9]+ s/)
        .waitFor();
      await look(page, 'unconfirmed');
      await banner(page).getByRole('button', { name: 'Keep the change' }).click();
      await banner(page).waitFor({ state: 'hidden' });
      assert.equal(await waiting(), undefined);
      assert.match(network.local('ip', 'address', 'show', 'dev', 'eth0'), /10\.8\.0\.1\/24/);
    });

    await t.test('undone now', async () => {
      await go(page, 'Routes');
      await page.getByLabel('IPv4 Default Gateway', { exact: true }).fill('10.77.0.1');
      await page.getByText('is in the subnet of no interface').first().waitFor();
      await page.getByLabel('IPv4 Default Gateway', { exact: true }).fill('10.8.0.60');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await banner(page).getByRole('button', { name: 'Undo now' }).click();
      await banner(page).waitFor({ state: 'hidden' });
      await until('it to be taken back', async () => (await appliance.call('getSettings')).gateway4 === '');
      assert.equal(network.local('ip', 'route', 'show', 'default'), '');
    });

    await t.test('whoever would be shut out by the guard is told before saving', async () => {
      await go(page, 'Management Access');
      await page.getByText('10.9.0.50', { exact: true }).waitFor();
      await page.getByLabel('Guard the Management Access', { exact: true }).click({ force: true });
      await page.getByText('You come in over eth0, which would not be allowed').waitFor();
      await page.getByLabel('Allowed Interfaces', { exact: true }).click();
      await page.getByRole('option', { name: 'eth0' }).click();
      await page.getByLabel('Allowed Networks', { exact: true }).fill('10.77.0.0/16 others');
      await page.getByText('is in none of the allowed networks').waitFor();
      await look(page, 'shut-out');
      await page.getByRole('button', { name: 'Discard' }).click();
    });

    await t.test('the address moves: the page says where to, and there it is kept', async () => {
      const lost = await at('10.8.0.1');
      await go(lost, 'Interfaces');
      await lost.getByRole('button', { name: 'Modify eth0' }).click();
      await dialog(lost).getByLabel('Addresses', { exact: true }).fill('10.9.0.1/24\nfd09::1/64\n10.8.1.1/24');
      await dialog(lost).getByRole('button', { name: 'Save' }).click();
      const link = `https://10.8.1.1:${appliance.port}`;
      await until('the address to be there', () => /10\.8\.1\.1/.test(network.local('ip', 'address')));
      await banner(lost).getByRole('link', { name: link }).waitFor();
      await look(lost, 'moved');
      const moved = await at('10.8.1.1');
      await banner(moved).getByRole('button', { name: 'Keep the change' }).click();
      await banner(moved).waitFor({ state: 'hidden' });
      await until('it to be kept', async () => (await waiting()) === undefined);
      assert.match(network.local('ip', 'address', 'show', 'dev', 'eth0'), /10\.8\.1\.1\/24/);
    });
  });
