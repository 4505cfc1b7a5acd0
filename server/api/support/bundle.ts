import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { exported } from '../../schema/configuration.ts';
import type { Services } from '../call.ts';
import { scrubber } from './scrub.ts';
import { secretsEver } from './secrets.ts';
import { tar } from './tar.ts';

const packed = promisify<Buffer, Buffer>(gzip);
const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * What somebody who helps wants to see, as tar.gz: configuration, status, events and history, and what the machine, its
 * network and its engines say. What cannot be had says why in its place. No secret is in it: the configuration is
 * the one of the export, and everything that is or was stored as a secret is removed from all the rest.
 */
export async function supportBundle(services: Services): Promise<Buffer> {
  const { dataPlane, revisions, version, hostName } = services;
  const part = async (make: () => unknown): Promise<string> => {
    try {
      return json(await make());
    } catch (error) {
      return `not to be had: ${(error as Error).message}\n`;
    }
  };
  const machine = await dataPlane
    .diagnosis()
    .catch((error: Error) => ({ 'machine/diagnosis.txt': `not to be had: ${error.message}\n` }));
  const files: Record<string, string> = {
    'about.json': json({ version, hostName, made: new Date().toISOString(), node: process.version }),
    'configuration.json': await part(() => exported(revisions().current().config)),
    'history.json': await part(() => revisions().list(Number.MAX_SAFE_INTEGER, 200)),
    'status.json': await part(() => dataPlane.status()),
    'events.json': await part(() => dataPlane.occurrences()),
    'network.json': await part(() => dataPlane.network()),
    ...machine,
  };
  const secrets = secretsIn(services);
  const clean = scrubber(secrets ?? []);
  // A store that cannot be read tells no secrets to look for: then what may hold any stays out.
  const kept = Object.entries(files).filter(
    ([name]) => secrets || !/journal|haproxy\.cfg|configuration|history/.test(name),
  );
  return packed(
    tar(
      Object.fromEntries(kept.map(([name, text]) => [`ballast-support/${name}`, ended(clean(text))])),
      Math.floor(Date.now() / 1000),
    ),
  );
}

/** Letters of one part at most; with thousands of services the rest is left out, and the file says so. */
const LARGEST = 16 * 1024 * 1024;

const ended = (text: string): string =>
  text.length > LARGEST ? `${text.slice(0, LARGEST)}\n… and ${text.length - LARGEST} letters more\n` : text;

function secretsIn({ revisions }: Services): string[] | undefined {
  try {
    return secretsEver(revisions());
  } catch {
    return undefined;
  }
}
