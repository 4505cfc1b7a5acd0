import Type from 'typebox';
import type { Changed, Tag } from './endpoints.ts';
import type { Preview } from './status.ts';
import {
  type TemplateAnswers,
  type TemplateFile,
  type TemplateInput,
  templateAnswers,
  templateFile,
} from './template-file.ts';

/** A template in the list. */
export interface TemplateView {
  /** Names it in calls: that of a shipped one never changes; `installed-7` is the stored one with number 7. */
  key: string;
  /** Number of a stored one; 0 for one that comes with the program. */
  id: number;
  name: string;
  comment: string;
  group: string;
  inputs: TemplateInput[];
  /** What it makes: a line for each service. */
  makes: string[];
  notes: string[];
  /** Why it cannot be used; empty when it can. */
  problem: string;
}

/** One value of something that would be made. */
export interface TemplateValue {
  property: string;
  label: string;
  /** As people read it. */
  value: string;
  /** Its default as people read it, where the value is another. */
  usual?: string;
  reason: string;
}

export interface TemplateObject {
  kind: 'virtualService' | 'contentRule';
  title: string;
  /** Where it listens; empty for a SubVS or a rule. */
  endpoint: string;
  /** It belongs to the last service before it that is none. */
  sub: boolean;
  /** A content rule that is there already and stays as it is. */
  existing: boolean;
  values: TemplateValue[];
  /** Its Real Servers, and why they listen there. */
  servers: string[];
  serversReason: string;
}

/** What applying would make, each value with its reason, and what that does to traffic. */
export interface TemplatePreview {
  name: string;
  notes: string[];
  objects: TemplateObject[];
  preview: Preview;
}

/** What applying has made. */
export interface TemplateMade {
  virtualServices: number[];
  realServers: number[];
  contentRules: number[];
}

const closed = { additionalProperties: false } as const;
const opaque = <T>(description: string) => Type.Unsafe<T>({ type: 'object', additionalProperties: true, description });
/** Of a path, and of a body. */
export const templateKey = Type.String({
  title: 'Template',
  pattern: '^[a-z][a-z0-9-]{0,63}$',
  description: 'The key of a template of the list.',
});
const application = Type.Unsafe<{ template: string; inputs: TemplateAnswers }>(
  Type.Object({ template: templateKey, inputs: templateAnswers }, closed),
);
const tag: Tag = 'Templates';

/** The calls about templates. */
export const templateCalls = {
  listTemplates: {
    method: 'GET',
    path: '/api/templates',
    role: 'read-only',
    tag,
    summary: 'Every template: those that come with the program, then the imported ones.',
    reply: Type.Unsafe<TemplateView[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  getTemplate: {
    method: 'GET',
    path: '/api/templates/:key',
    role: 'read-only',
    tag,
    summary: 'One template as a file.',
    reply: Type.Unsafe<TemplateFile>(templateFile),
  },
  importTemplate: {
    method: 'POST',
    path: '/api/templates',
    role: 'administrator',
    tag,
    writes: true,
    summary: 'Store the template of a file. Nothing is made of it yet.',
    body: Type.Unsafe<TemplateFile>(templateFile),
    reply: opaque<Changed<TemplateView>>('Changed, with the template'),
    limit: 524_288,
  },
  deleteTemplate: {
    method: 'DELETE',
    path: '/api/templates/:key',
    role: 'administrator',
    tag,
    writes: true,
    summary: 'Delete an imported template. What was made of it stays.',
    reply: opaque<Changed>('Changed'),
  },
  previewTemplate: {
    method: 'POST',
    path: '/api/templates/preview',
    role: 'administrator',
    tag,
    summary: 'What applying a template would make, each value with its reason; changes nothing.',
    body: application,
    reply: opaque<TemplatePreview>('What would be made'),
  },
  applyTemplate: {
    method: 'POST',
    path: '/api/templates/apply',
    role: 'administrator',
    tag,
    writes: true,
    summary: 'Make the content rules, services, SubVSs and Real Servers of a template, as one revision.',
    body: application,
    reply: opaque<Changed<TemplateMade>>('Changed, with the numbers of what was made'),
  },
  exportTemplate: {
    method: 'GET',
    path: '/api/virtual-services/:id/template',
    role: 'read-only',
    tag,
    summary: 'A Virtual Service, its SubVSs and content rules as a template, without addresses and certificates.',
    reply: Type.Unsafe<TemplateFile>(templateFile),
  },
} as const;
