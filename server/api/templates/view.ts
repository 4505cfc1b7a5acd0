import { type Config, kinds } from '../../schema/config.ts';
import type { Fault } from '../../schema/faults.ts';
import { metaOf } from '../../schema/fields.ts';
import { endpoint } from '../../schema/rules.ts';
import type { Template } from '../../schema/template.ts';
import type { TemplateObject, TemplateValue, TemplateView } from '../../schema/template-calls.ts';
import type { TemplateFile, TemplateService } from '../../schema/template-file.ts';
import { said, titleIn } from '../../schema/words.ts';
import type { Shipped } from '../../templates/builder.ts';
import type { Made } from '../../templates/plan.ts';
import { readTemplate } from './read.ts';

/** A template that comes with the program, as the list shows it. */
export const shippedView = ({ key, group, file }: Shipped): TemplateView => ({
  key,
  id: 0,
  group,
  ...viewOf(file),
  problem: '',
});

/** A stored template as the list shows it; one that cannot be read is shown too, with why. */
export function installedView(template: Template): TemplateView {
  const common = { key: `installed-${template.id}`, id: template.id, group: 'Imported' };
  try {
    return {
      ...common,
      ...viewOf(readTemplate(template.content)),
      name: template.name,
      comment: template.comment,
      problem: '',
    };
  } catch (error) {
    const { message, at } = error as Fault;
    const { name, comment } = template;
    return { ...common, name, comment, inputs: [], makes: [], notes: [], problem: at ? `${message} (${at})` : message };
  }
}

function viewOf({ name, comment, inputs, services, notes = [] }: TemplateFile) {
  return { name, comment, inputs: [...inputs], notes: [...notes], makes: services.map(makes) };
}

/** Such as “Exchange HTTPS, port 443, 10 SubVSs”. */
function makes(service: TemplateService): string {
  const { name, port } = service.values as { name?: string; port?: number };
  const subs = service.subServices?.length ?? 0;
  return [name || 'Virtual Service', ...(port ? [`port ${port}`] : []), ...(subs ? [`${subs} SubVSs`] : [])].join(', ');
}

/** What would be made, for people: services and rules with their values, servers with the service they belong to. */
export function objectsOf(made: readonly Made[], after: Config): TemplateObject[] {
  return made
    .filter(each => each.kind !== 'realServer')
    .map(each => {
      const { kind, value, existing } = each;
      const vs = after.virtualServices.find(candidate => kind === 'virtualService' && candidate.id === value.id);
      const servers = vs ? made.filter(other => other.kind === 'realServer' && belongs(other, vs.id)) : [];
      return {
        kind: kind as 'virtualService' | 'contentRule',
        title: titleIn(kind, value, after),
        endpoint: vs && vs.parent === 0 ? endpoint(vs.address, vs.port) : '',
        sub: vs !== undefined && vs.parent !== 0,
        existing: existing === true,
        values: valuesOf(each, after),
        servers: servers.map(({ value: rs }) =>
          endpoint((rs as { address: string }).address, (rs as { port: number }).port),
        ),
        serversReason: servers[0]?.reasons.port ?? '',
      };
    });
}

const belongs = ({ value }: Made, id: number) => (value as { virtualService: number }).virtualService === id;

/** In the order of the schema. */
function valuesOf({ kind, value, reasons }: Made, after: Config): TemplateValue[] {
  return Object.entries(kinds[kind].schema.properties as Record<string, { default?: unknown }>)
    .filter(([name]) => name in reasons && name !== 'name')
    .map(([property, schema]) => {
      const meta = metaOf(schema);
      const is = (value as unknown as Record<string, unknown>)[property];
      const other = schema.default !== undefined && JSON.stringify(schema.default) !== JSON.stringify(is);
      return {
        property,
        label: meta.label,
        value: said(meta, is, after),
        ...(other && { usual: said(meta, schema.default, after) }),
        reason: reasons[property] ?? '',
      };
    });
}
