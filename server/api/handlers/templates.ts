import { type Config, type Edit, kinds } from '../../schema/config.ts';
import { edited, fill } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import type { Problem } from '../../schema/rules.ts';
import type { Preview } from '../../schema/status.ts';
import type { TemplateMade, TemplatePreview } from '../../schema/template-calls.ts';
import type { TemplateAnswers, TemplateFile } from '../../schema/template-file.ts';
import { checkTemplate } from '../../templates/check.ts';
import { exported } from '../../templates/export.ts';
import { type Made, planOf } from '../../templates/plan.ts';
import { shippedTemplates } from '../../templates/shipped.ts';
import { type Call, need, readTree, write } from '../call.ts';
import { checkMade, numberIn, templateOf } from '../templates/read.ts';
import { installedView, objectsOf, shippedView } from '../templates/view.ts';

const keyOf = ({ request }: Call): string => (request.params as { key: string }).key;

export const listTemplates = (call: Call) => [
  ...shippedTemplates.map(shippedView),
  ...readTree(call).templates.map(installedView),
];

export function getTemplate(call: Call): TemplateFile {
  const key = keyOf(call);
  asFile(call, key);
  return templateOf(key, readTree(call));
}

export function exportTemplate(call: Call): TemplateFile {
  const config = readTree(call);
  const vs = need(config, 'virtualService', call.id);
  if (vs.parent !== 0)
    throw new Fault('NEEDS', {
      label: 'Export Template',
      needs: 'a service of its own: a SubVS comes with its parent',
    });
  const file = exported(vs, config);
  asFile(call, file.name);
  return file;
}

function asFile({ reply }: Call, name: string): void {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64);
  reply.header('content-disposition', `attachment; filename="${safe}.template.json"`);
}

/** Stores a file whose shape was checked with the request. */
export function importTemplate(call: Call) {
  const file = call.body as TemplateFile;
  checkTemplate(file);
  const content = JSON.stringify(file);
  const most = (kinds.template.schema.properties.content as { maxLength?: number }).maxLength ?? 0;
  if (content.length > most)
    throw new Fault('INVALID', { label: 'The template', reason: `has more than ${most} characters` });
  let made = 0;
  return write(
    call,
    (_config, reserve) => {
      const [id = 0] = reserve('template', 1);
      made = id;
      const value = fill('template', { id, name: file.name, comment: file.comment, content });
      return [{ op: 'create', kind: 'template', value }];
    },
    config => installedView(need(config, 'template', made)),
  );
}

export function deleteTemplate(call: Call) {
  const key = keyOf(call);
  const id = numberIn(key);
  if (id === undefined) {
    templateOf(key, readTree(call));
    throw new Fault('SHIPPED', { name: key });
  }
  return write(
    call,
    config => {
      need(config, 'template', id);
      return [{ op: 'delete', kind: 'template', id }];
    },
    () => undefined,
  );
}

/** One commit of all that the template makes; `seen` learns what that is. */
function apply(call: Call, seen: (made: Made[], after: Config) => void = () => {}) {
  const { template, inputs } = call.body as { template: string; inputs: TemplateAnswers };
  let made: Made[] = [];
  return write<TemplateMade>(
    call,
    (config, reserve): readonly Edit[] => {
      const plan = planOf(templateOf(template, config), inputs, config, reserve);
      checkMade(plan.made);
      made = plan.made;
      seen(made, edited(config, plan.edits));
      return plan.edits;
    },
    () => ({
      virtualServices: numbersOf(made, 'virtualService'),
      realServers: numbersOf(made, 'realServer'),
      contentRules: numbersOf(made, 'contentRule'),
    }),
    problem => placeOf(problem, made),
  );
}

const numbersOf = (made: readonly Made[], kind: Made['kind']) =>
  made.filter(each => each.kind === kind && !each.existing).map(each => each.value.id);

/** The input to change. A port that the template fixes cannot be given: the address can. */
function placeOf({ kind, id, fault }: Problem, made: readonly Made[]): string | undefined {
  const object = made.find(each => each.kind === kind && each.value.id === id);
  if (!object) return undefined;
  const property = (fault.at ?? '').split('/')[1] ?? '';
  const input = object.from[property] ?? (property === 'port' ? object.from.address : undefined);
  return input ? `/inputs/${input}` : '/template';
}

export const applyTemplate = (call: Call) => apply(call);

export async function previewTemplate(call: Call): Promise<TemplatePreview> {
  let objects: TemplatePreview['objects'] = [];
  const { name, notes = [] } = templateOf(call.body.template, readTree(call));
  const preview = await apply({ ...call, query: { dryRun: true } }, (made, after) => {
    objects = objectsOf(made, after);
  });
  return { name, notes: [...notes], objects, preview: preview as Preview };
}
