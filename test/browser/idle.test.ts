import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, logIn, visit } from '../support/browser.ts';
import { Setting } from '../support/setting.ts';

/** Whoever leaves the console open is asked before the session ends; the browser's clock is moved, not waited for. */

let browser: Browser;
const setting = Setting.forThisFile(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

test('two minutes before its end somebody is asked, and may stay; another window that is used counts too', async () => {
  const { context, page } = await visit(browser, setting.appliance);
  await page.clock.install();
  await logIn(page);
  // What is fetched at the beginning counts as use.
  await page.getByText('All changes live', { exact: false }).waitFor();
  await page.waitForLoadState('networkidle').catch(() => {});
  await page.waitForTimeout(1_500);
  const question = page.getByRole('dialog', { name: 'Are you still there?' });
  await page.clock.fastForward('27:00');
  await page.waitForTimeout(300);
  assert.equal(await question.isVisible(), false);
  await page.clock.fastForward('01:30');
  await question.waitFor();
  await page.keyboard.press('Enter');
  await question.waitFor({ state: 'hidden' });
  await page.clock.fastForward('20:00');
  assert.equal(await question.isVisible(), false, 'it begins anew');
  // What another window of this browser would have noted.
  await page.evaluate(() => window.localStorage.setItem('ballast-last-use', String(Date.now())));
  await page.clock.fastForward('09:30');
  await page.waitForTimeout(300);
  assert.equal(await question.isVisible(), false);
  await page.clock.fastForward('19:00');
  await question.waitFor();
  await context.close();
});
