import { kinds } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { metaOf } from '../schema/fields.ts';
import type { TemplateFile, TemplateService } from '../schema/template-file.ts';
import { fits } from './answers.ts';

type Properties = Record<string, object>;
const own = {
  virtualService: kinds.virtualService.schema.properties as Properties,
  realServer: kinds.realServer.schema.properties as Properties,
};

/** What a file of the right shape can still have wrong: names that lead nowhere. Throws INVALID with the place in the file. */
export function checkTemplate(file: TemplateFile): void {
  const inputs = new Map(file.inputs.map(input => [input.name, input]));
  const bad = (label: string, reason: string, at: string) => new Fault('INVALID', { label: `“${label}”`, reason }, at);
  twice(
    file.inputs.map(each => each.name),
    at => bad(file.inputs[at]?.name ?? '', 'is there twice', `/inputs/${at}`),
  );
  const rules = (file.rules ?? []).map(each => each.name);
  twice(rules, at => bad(rules[at] ?? '', 'is there twice', `/rules/${at}`));
  const all = flat(file);
  const keys = all.flatMap(({ service }) => service.key ?? []);
  twice(keys, at => bad(keys[at] ?? '', 'is there twice', '/services'));

  const inputOf = (name: string, at: string) => {
    const found = inputs.get(name);
    if (!found) throw bad(name, 'is no input of this template', at);
    return found;
  };
  const names = (kind: keyof typeof own, named: Record<string, unknown> | undefined, at: string) => {
    for (const property of Object.keys(named ?? {})) {
      const schema = own[kind][property];
      if (!schema || !metaOf(schema).refers || property === 'parent')
        throw bad(property, 'does not name other objects', `${at}/named/${property}`);
    }
  };
  for (const { service, at } of all) {
    for (const [property, name] of Object.entries(service.from ?? {})) {
      const place = `${at}/from/${property}`;
      if (!fits('virtualService', property, inputOf(name, place).kind))
        throw bad(property, `cannot come from “${inputOf(name, place).label}”`, place);
    }
    names('virtualService', service.named, at);
    for (const property of Object.keys(service.reasons ?? {}))
      if (!own.virtualService[property])
        throw bad(property, 'is no property of a service', `${at}/reasons/${property}`);
    const { servers } = service;
    if (!servers) continue;
    const from = inputOf(servers.from, `${at}/servers/from`);
    if (from.kind !== 'servers') throw bad(from.name, 'is no list of servers', `${at}/servers/from`);
    if (typeof servers.port === 'string' && inputOf(servers.port, `${at}/servers/port`).kind !== 'port')
      throw bad(servers.port, 'is no port', `${at}/servers/port`);
    names('realServer', servers.named, `${at}/servers`);
  }
}

function flat(file: TemplateFile): { service: TemplateService; at: string }[] {
  return file.services.flatMap((service: TemplateService, i) => [
    { service, at: `/services/${i}` },
    ...(service.subServices ?? []).map((sub, j) => ({ service: sub, at: `/services/${i}/subServices/${j}` })),
  ]);
}

function twice(values: readonly string[], fault: (at: number) => Fault): void {
  const at = values.findIndex((value, i) => values.indexOf(value) !== i);
  if (at >= 0) throw fault(at);
}
