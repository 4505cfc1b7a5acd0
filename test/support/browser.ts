import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Appliance, password } from './appliance.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Debian's own chromium, or the one BALLAST_CHROMIUM names; `within` are the words of a program to start it by. */
export function launchBrowser(within: readonly string[] = []): Promise<Browser> {
  const found = process.env.BALLAST_CHROMIUM ?? places.find(existsSync);
  const executablePath = found && within.length > 0 ? startedBy(within, found) : found;
  if (!executablePath) throw new Error(`no chromium at ${places.join(', ')}: install it or set BALLAST_CHROMIUM`);
  // Tests run as root, where chromium has no sandbox; it visits nothing but the console.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}

/** A program of its own that starts another by a third: a launcher takes only a path. */
function startedBy(within: readonly string[], program: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ballast-browser-')), 'browser');
  writeFileSync(path, `#!/bin/sh\nexec ${[...within, program].join(' ')} "$@"\n`, { mode: 0o755 });
  return path;
}

/** A person with a browser window at the console; `errors` gathers what the page complained about. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  errors: string[];
}

export async function visit(
  browser: Browser,
  appliance: Appliance,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: appliance.url, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(String(error)));
  page.on('console', message => {
    // Nobody is logged in (401) is how the first page begins; a foresight asked for while a change lands is refused (412)
    // and asked for again.
    if (message.type() === 'error' && !/ (?:401|412) /.test(message.text())) errors.push(message.text());
  });
  return { context, page, errors };
}

/** Logs in as a person does. */
export async function logIn(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByLabel('User name').fill('bal');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Home' }).waitFor();
}

/** A folder for pictures, one per run. */
export const pictureFolder = (): string =>
  process.env.BALLAST_PICTURES ?? mkdtempSync(join(tmpdir(), 'ballast-pictures-'));
