import type { TemplateFile, TemplateInput, TemplateServers, TemplateService } from '../schema/template-file.ts';
import type { VirtualService } from '../schema/virtual-service.ts';

/** A property's value taken from an input, or the names of the objects it refers to. */
type Source = { input: string } | { named: string | string[] };

/** What a service states: each property's value and why it is that. */
export type Stated = {
  [K in keyof VirtualService]?: readonly [value: VirtualService[K] | Source, reason: string];
};

interface Parts {
  key?: string;
  servers?: TemplateServers;
  subServices?: TemplateService[];
}

export const given = (input: string) => ({ input });
export const named = (...names: string[]) => ({ named: names });

/** A service of a template, from values that stand beside their reasons. */
export function service(stated: Stated, { key, servers, subServices }: Parts = {}): TemplateService {
  const values: Record<string, unknown> = {};
  const from: Record<string, string> = {};
  const names: Record<string, string | string[]> = {};
  const reasons: Record<string, string> = {};
  for (const [property, [value, reason]] of Object.entries(stated) as [string, readonly [unknown, string]][]) {
    reasons[property] = reason;
    if (isObject(value) && 'input' in value) from[property] = String(value.input);
    else if (isObject(value) && 'named' in value) names[property] = value.named as string[];
    else values[property] = value;
  }
  return {
    ...(key && { key }),
    values,
    ...(Object.keys(from).length > 0 && { from }),
    ...(Object.keys(names).length > 0 && { named: names }),
    reasons,
    ...(servers && { servers }),
    ...(subServices && { subServices }),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A template that comes with the program. `key` is its name in the API and never changes. */
export interface Shipped {
  key: string;
  /** What it is listed under. */
  group: string;
  file: TemplateFile;
}

export function shipped(key: string, group: string, file: Omit<TemplateFile, 'format' | 'version'>): Shipped {
  return { key, group, file: { format: 'ballast-template', version: 1, ...file } };
}

/** What nearly every template asks for. */
export const inputs = {
  address: {
    name: 'address',
    label: 'Virtual Address',
    kind: 'address',
    help: 'The address clients connect to; the internal DNS name of the service must resolve to it.',
  },
  servers: {
    name: 'servers',
    label: 'Real Servers',
    kind: 'servers',
    help: 'Addresses of the servers, one a line, with a port where it is another than the template’s.',
    default: '',
  },
  certificate: {
    name: 'certificate',
    label: 'Certificate',
    kind: 'certificate',
    help: 'Shown to clients; it must be for the host names they use.',
  },
  host: {
    name: 'host',
    label: 'Host Name',
    kind: 'hostname',
    help: 'The name clients use, such as mail.example.com. Checks send it as Host. Empty: checks without Host.',
    default: '',
  },
} as const satisfies Record<string, TemplateInput>;
