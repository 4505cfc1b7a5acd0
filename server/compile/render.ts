import type { ProxySet, Section, Server } from './proxy.ts';
import { word } from './word.ts';

/** Every file of a stage by name, `haproxy.cfg` included. */
export function render(proxy: ProxySet): Record<string, string> {
  return { ...proxy.files, 'haproxy.cfg': `${proxy.sections.map(renderSection).join('\n')}` };
}

/** One section as text, ending in a line feed. */
export function renderSection(section: Section): string {
  const head = section.name ? `${section.kind} ${word(section.name)}` : section.kind;
  return [
    head,
    ...section.lines.map(line => `  ${line}`),
    ...section.servers.map(server => `  ${serverLine(server)}`),
    '',
  ].join('\n');
}

function serverLine(server: Server): string {
  return ['server', word(server.name), ...serverWords(server), ...(server.admin === 'maint' ? ['disabled'] : [])].join(
    ' ',
  );
}

/** HAProxy takes a port with a sign as a distance. */
export const portWord = ({ port, moved }: Server): string => (moved && port >= 0 ? `+${port}` : String(port));

/** The words after the name, as they also stand in the runtime command `add server`. */
export function serverWords(server: Server): string[] {
  const address = server.address.includes(':')
    ? `ipv6@${server.address}:${portWord(server)}`
    : `${server.address}:${portWord(server)}`;
  return [
    word(address),
    'weight',
    word(server.weight),
    ...(server.maxconn > 0 ? ['maxconn', word(server.maxconn)] : []),
    ...server.options,
  ];
}
