import type { SavedAccounts } from '../../schema/backup.ts';
import { type Config, settingsOf } from '../../schema/config.ts';
import { withNetworkOf } from '../../schema/network/own.ts';

/** What putting users back changes, a sentence each; the caller first, who may be about to lose the way in. */
export function accountWords(now: SavedAccounts, wanted: SavedAccounts, caller: string): string[] {
  const before = new Map(now.users.map(user => [user.name, user]));
  const after = new Map(wanted.users.map(user => [user.name, user]));
  const words: string[] = [];
  const own = after.get(caller);
  const heads = wanted.users.filter(user => user.enabled && user.role === 'administrator').map(({ name }) => name);
  if (before.has(caller) && !own?.enabled)
    words.push(
      `You are “${caller}”, who may not log in according to the backup: you are logged out. Log in as ${heads.join(' or ')}, with the password of the backup.`,
    );
  else if (own && own.passwordHash !== before.get(caller)?.passwordHash)
    words.push(`You are “${caller}”: from now on your password is the one you had when the backup was made.`);
  if (own && before.has(caller) && own.role !== before.get(caller)?.role)
    words.push(`You are “${caller}”: your role becomes ${own.role}.`);
  for (const name of before.keys()) if (!after.has(name)) words.push(`User “${name}” is removed.`);
  for (const [name, user] of after) {
    const old = before.get(name);
    if (!old) words.push(`User “${name}” (${user.role}) is added.`);
    else if (name !== caller && JSON.stringify(old) !== JSON.stringify(user))
      words.push(`User “${name}” becomes as in the backup${old.role === user.role ? '' : `: ${user.role}`}.`);
  }
  const gone = now.keys.filter(key => !wanted.keys.some(one => one.secret === key.secret)).map(key => `“${key.name}”`);
  const back = wanted.keys.filter(key => !now.keys.some(one => one.secret === key.secret)).map(key => `“${key.name}”`);
  if (gone.length > 0) words.push(`API keys stop working: ${some(gone)}.`);
  if (back.length > 0) words.push(`API keys work again: ${some(back)}.`);
  return words;
}

const some = (names: string[]) =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** What a change of the machine's own network means for whoever asks for it; empty when it stays. */
export function networkWords(now: Config, wanted: Config): string[] {
  if (JSON.stringify(withNetworkOf(now, wanted)) === JSON.stringify(wanted)) return [];
  const addresses = (config: Config) => config.interfaces.flatMap(each => each.addresses);
  const gone = addresses(now).filter(one => !addresses(wanted).includes(one));
  const come = addresses(wanted).filter(one => !addresses(now).includes(one));
  const what = [
    ...(gone.length > 0 ? [`${some(gone)} no longer belong to this machine`] : []),
    ...(come.length > 0 ? [`${some(come)} now do`] : []),
  ].join('; ');
  return [
    `The network of this machine changes${what ? `: ${what}` : ''}. What could cut you off is undone after ${settingsOf(now).confirmTime} s unless you confirm it over a new connection.`,
  ];
}
