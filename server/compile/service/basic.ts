import { portRanges } from '../../schema/networks.ts';
import { endpoint } from '../../schema/rules.ts';
import type { basicFields } from '../../schema/service/basic.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { challengeLines } from '../haproxy/challenges.ts';
import { requestSafety, requestSafetyInFull, responseSafety } from '../haproxy/http-safety.ts';
import { rewritesFirst } from '../haproxy/switching.ts';
import { elsewhere, type LinesOf } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/basic.ts, in the order in which the lines are written. */
export const basicLines = {
  name: elsewhere,
  enabled: elsewhere,
  protocol: elsewhere,
  parent: elsewhere,
  type: (vs, world) => ({
    // Idle client connections live on through a reload until their next response: without the option a request sent
    // in that moment would be lost.
    frontend: [`mode ${word(vs.type)}`, ...(vs.type === 'http' ? ['option idle-close-on-response'] : [])],
    ...(vs.type === 'http' && {
      safety: [...challengeLines(vs), ...(rewritesFirst(vs, world) ? requestSafetyInFull : requestSafety)],
    }),
    backend: [`mode ${word(vs.type)}`, ...(vs.type === 'http' ? responseSafety : [])],
  }),
  address: vs => ({ listen: listenWords(vs) }),
  port: elsewhere,
  extraPorts: elsewhere,
  alternateAddress: elsewhere,
} satisfies { [K in keyof typeof basicFields]: LinesOf };

/** One word for each address and port, or range of ports. */
function listenWords(vs: VirtualService): string[] {
  const addresses = [vs.address, ...(vs.alternateAddress === '' ? [] : [vs.alternateAddress])];
  return addresses.flatMap(address => [
    word(place(address, vs.port)),
    ...portRanges(vs.extraPorts).map(([from, to]) =>
      from === to ? word(place(address, from)) : `${word(place(address, from))}-${word(to)}`,
    ),
  ]);
}

const place = (address: string, port: number) =>
  address.includes(':') ? `ipv6@${endpoint(address, port)}` : endpoint(address, port);
