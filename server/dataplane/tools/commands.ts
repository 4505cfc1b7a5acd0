import type { ToolRequest } from '../../schema/tools.ts';

/** Of a packet so much is kept: whole ones of any usual network. */
const SNAP = 65_535;

/**
 * Program and arguments of a tool that is a program. The request has passed its schema: nothing in it begins with a
 * hyphen, and every word stands alone. `file`: where a capture goes.
 */
export function commandOf(
  request: Exclude<ToolRequest, { tool: 'lookup' | 'connect' }>,
  file: string,
): [string, string[]] {
  switch (request.tool) {
    case 'ping':
      return [
        'ping',
        [
          ...['-n', '-c', String(request.count), '-s', String(request.size), '-i', '0.5', '-W', '2'],
          // Longer than all of them lost.
          ...['-w', String(Math.ceil(request.count / 2) + 5)],
          ...(request.source ? ['-I', request.source] : []),
          request.host,
        ],
      ];
    case 'traceroute':
      return [
        'traceroute',
        ['-n', '-q', '1', '-w', '2', '-m', '20', ...(request.source ? ['-s', request.source] : []), request.host],
      ];
    case 'capture':
      return [
        'tcpdump',
        [
          ...[
            '-i',
            request.link,
            '-n',
            '-U',
            '-s',
            String(SNAP),
            '-c',
            String(request.packets),
            '-Z',
            'root',
            '-w',
            file,
          ],
          ...filterOf(request),
        ],
      ];
  }
}

/** Words of pcap-filter(7). */
function filterOf({ address, port, protocol }: Extract<ToolRequest, { tool: 'capture' }>): string[] {
  const words = [
    ...(protocol === 'icmp' ? ['(icmp or icmp6)'] : protocol ? [protocol] : []),
    ...(address ? [`host ${address}`] : []),
    ...(port ? [`port ${port}`] : []),
  ];
  return words.length > 0 ? [words.join(' and ')] : [];
}
