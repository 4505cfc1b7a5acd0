import { type RealServer, realServer } from '../../../../server/schema/real-server.ts';
import { canonical, endpoint, isAddress } from '../../../../server/schema/rules.ts';
import { whyNot } from '../../form/limits.ts';

export interface Line {
  /** Counted from 1, as people do. */
  number: number;
  server?: Pick<RealServer, 'address' | 'port'> & { weight?: number };
  fault?: string;
}

/** `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`, each with a weight after a blank if wanted. */
const SHAPE = /^(?:\[([^\]]+)\](?::(\S*))?|([^\s:]+)(?::(\S*))?|([0-9a-fA-F:.]+))(?:[\s,;]+(\S+))?$/;

/** Reads a pasted list of servers, one a line; empty lines and what follows `#` are passed over. */
export function readServerLines(text: string, standardPort: number): Line[] {
  const seen = new Set<string>();
  return text.split('\n').flatMap((raw, index): Line[] => {
    const line = raw.replace(/#.*/, '').trim();
    if (!line) return [];
    const read = { number: index + 1, ...readLine(line, standardPort) };
    const key = read.server && `${canonical(read.server.address)} ${read.server.port}`;
    if (key && seen.has(key))
      return [
        {
          number: read.number,
          fault: `${endpoint(read.server?.address ?? '', read.server?.port ?? 0)} is there twice`,
        },
      ];
    if (key) seen.add(key);
    return [read];
  });
}

function readLine(line: string, standardPort: number): Omit<Line, 'number'> {
  const match = SHAPE.exec(line);
  if (!match) return { fault: `“${line}” is not an address with a port and a weight` };
  const address = match[1] ?? match[3] ?? match[5] ?? '';
  const portText = match[2] ?? match[4];
  const port = portText === undefined ? standardPort : Number(portText);
  const weight = match[6] === undefined ? undefined : Number(match[6]);
  if (!isAddress(address)) return { fault: `“${address}” is not an IPv4 or IPv6 address` };
  const badPort = whyNot(realServer.properties.port, port);
  if (badPort) return { fault: `port “${portText ?? port}” ${badPort}` };
  const badWeight = weight === undefined ? undefined : whyNot(realServer.properties.weight, weight);
  if (badWeight) return { fault: `weight “${match[6]}” ${badWeight}` };
  return { server: { address, port, ...(weight !== undefined && { weight }) } };
}
