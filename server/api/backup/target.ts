import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { type Config, settingsOf } from '../../schema/config.ts';
import { isRefused } from '../acme/agent.ts';

/** A machine that takes backups. `address` is where the host is now. */
export interface Target {
  host: string;
  address: string;
  port: number;
  path: string;
  user: string;
  /** SFTP: the private key of this appliance and the key the host must show. */
  key: string;
  hostKey: string;
  /** HTTPS. */
  password: string;
  trust: string;
  loopback: boolean;
}

/** A file to put there, and those to remove when it is there. */
export interface Delivery {
  name: string;
  body: Buffer;
  old: readonly string[];
}

/** What the settings say, with the host looked up. Throws an Error with a sentence. */
export async function targetOf(config: Config, loopback: boolean): Promise<Target> {
  const settings = settingsOf(config);
  const sftp = settings.backupMethod === 'sftp';
  return {
    host: settings.backupHost,
    address: await addressOf(settings.backupHost, loopback),
    port: settings.backupPort || (sftp ? 22 : 443),
    path: settings.backupPath,
    user: settings.backupUser,
    key: settings.backupKey,
    hostKey: settings.backupHostKey,
    password: settings.backupPassword,
    trust: config.authorities.find(one => one.id === settings.backupTrust)?.chain ?? '',
    loopback,
  };
}

/** Where a name is. Throws a sentence for what is this machine or its link (security.md 2.14); `loopback`: tests may. */
export async function addressOf(host: string, loopback: boolean): Promise<string> {
  const found = await lookup(host).catch(() => undefined);
  if (!found) throw new Error(`The name ${host} is not known.`);
  const { address } = found;
  const own = Object.values(networkInterfaces()).some(list => list?.some(one => one.address === address));
  if (isRefused(address, loopback) || (own && !loopback))
    throw new Error(`${host} is at ${address}, which is this machine or its link: a backup is not safe there.`);
  return address;
}
