import type { Status } from '../../../server/schema/status.ts';
import type { VirtualService } from '../../../server/schema/virtual-service.ts';
import { ROWS } from '../tui/page.ts';

/** Lines of services that fit on a page beside what stands above them. */
export const VISIBLE = ROWS - 8;

const cell = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, width - 1)}+` : text.padEnd(width);

/** Every Virtual Service in a line: name, place, state, servers, connections. Pure. */
export function overview(services: readonly VirtualService[], status: Status): string[] {
  const states = new Map(status.services.map(one => [one.id, one]));
  return services.map(service => {
    const now = states.get(service.id);
    const place = service.address.includes(':')
      ? `[${service.address}]:${service.port}`
      : `${service.address}:${service.port}`;
    const counts = now ? `${now.serversUp}/${now.serversTotal}` : '';
    return [
      cell(service.name || '-', 22),
      cell(place, 24),
      cell(now?.state ?? 'pending', 10),
      counts.padStart(7),
      String(now?.connections ?? '').padStart(8),
    ].join(' ');
  });
}

export const HEADS = `${'Service'.padEnd(22)} ${'Address'.padEnd(24)} ${'State'.padEnd(10)} ${'Servers'.padStart(7)} ${'Open'.padStart(8)}`;
