import { settingsOf } from '../../../server/schema/config.ts';
import type { Changed } from '../../../server/schema/endpoints.ts';
import type { NetworkState } from '../../../server/schema/network/state.ts';
import { type Client, Refused } from '../client.ts';
import { type Answers, configOf } from './answers.ts';

const USER = 'bal';

/**
 * Puts the answers into effect: the network as one revision, kept at once because whoever sits here is not cut off,
 * then the password. Safe to repeat, whatever an earlier attempt came to. `before`: what the answers of a machine that is
 * set up were; further addresses that it has stay. Throws Refused with the appliance's sentence.
 */
export async function apply(
  client: Pick<Client, 'call'>,
  answers: Answers,
  machine: NetworkState,
  say: (step: string) => void,
  before?: Answers,
): Promise<void> {
  const wanted = configOf(answers, machine);
  say('Naming the ports');
  const there = await client.call('listInterfaces');
  const interfaces: Record<string, { addresses: string[] }> = {};
  for (const { name, addresses } of wanted.interfaces) {
    const known = there.find(one => one.name === name);
    const created = known ? undefined : await client.call('createInterface', { body: { name } });
    const id = known?.id ?? made(created as Changed<{ id: number }>);
    if (created) await keep(client, created);
    const others = before && known ? known.addresses.filter(one => !replaced(before).includes(one)) : [];
    interfaces[id] = { addresses: [...new Set([...addresses, ...others])] };
  }
  const numbers = Object.keys(interfaces).map(Number);
  const { gateway4, gateway6, gateway6Interface, hostName, dnsServers, searchDomains, ntpServers, timeZone } =
    settingsOf(wanted);
  say('Setting addresses, gateway, names and time');
  const settings = {
    ...{ gateway4, gateway6, hostName, dnsServers, searchDomains, ntpServers, timeZone },
    gateway6Interface: gateway6Interface === 0 ? 0 : (numbers[0] ?? 0),
  };
  const reply = await client.call('changeNetwork', { body: { interfaces, settings } });
  refuseKept(reply);
  await keep(client, reply);
  if (answers.password === '') return;
  say('Setting the password');
  await client.call('patchUser', { at: { name: USER }, body: { password: answers.password } });
}

const replaced = ({ eth0Address4, eth0Address6, eth1Address4, eth1Address6 }: Answers) => [
  ...[eth0Address4, eth0Address6, eth1Address4, eth1Address6],
];

/** What waits to be confirmed is: nothing else can be changed before. */
async function keep(client: Pick<Client, 'call'>, reply: object): Promise<void> {
  const { outcome } = reply as Partial<Changed<unknown>>;
  if (outcome && 'unconfirmed' in outcome && outcome.unconfirmed) await client.call('confirmNetwork');
}

/** The number of what was made. */
function made(reply: Changed<{ id: number }>): number {
  refuseKept(reply);
  if (!('object' in reply) || !reply.object) throw new Refused({ message: 'The port could not be named.' });
  return reply.object.id;
}

function refuseKept(reply: Changed<unknown>): void {
  if ('outcome' in reply && reply.outcome.state === 'kept') throw new Refused(reply.outcome.fault);
}
