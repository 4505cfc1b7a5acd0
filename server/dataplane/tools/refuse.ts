import { Fault } from '../../schema/faults.ts';
import { isAddress } from '../../schema/rules.ts';
import type { ToolRequest } from '../../schema/tools.ts';
import { parseLinks } from '../addresses.ts';
import { run } from '../host.ts';

/**
 * Throws a Fault at what a schema cannot know: words that only look like an address, and interfaces this machine has
 * not got. To tcpdump `nfqueue` is an interface too, and it would swallow packets; `dbus-system` is none of the network.
 */
export async function refuseUnknown(request: ToolRequest): Promise<void> {
  const { source, address, server } = request as { source?: string; address?: string; server?: string };
  for (const [name, value] of Object.entries({ source, address, server }))
    if (value !== undefined && !isAddress(value))
      throw new Fault('BAD_ADDRESS', { address: value, reason: 'is not an address' }, `/${name}`);
  if (request.tool !== 'capture') return;
  const links = parseLinks((await run('ip', ['-j', 'address', 'show'])).out || '[]');
  if (!links.some(link => link.name === request.link))
    throw new Fault('INVALID', { label: 'Interface', reason: 'must be one of this machine' }, '/link');
}
