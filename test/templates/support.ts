import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { edited, fill, listOf } from '../../server/schema/derive.ts';
import type { TemplateAnswers, TemplateFile } from '../../server/schema/template-file.ts';
import { planOf } from '../../server/templates/plan.ts';

/** Numbers as the store would give them. */
export const reserveFrom = (config: Config): Parameters<typeof planOf>[3] => {
  return (kind, count) => {
    const last = Math.max(0, ...listOf(config, kind).map(each => each.id));
    return Array.from({ length: count }, (_, at) => last + 1 + at);
  };
};

/** An appliance with one certificate, number 1. */
export function ground(pem: { chain: string; key: string } = { chain: 'CHAIN', key: 'KEY' }): Config {
  const config = emptyConfig();
  config.certificates.push(fill('certificate', { id: 1, name: 'mail', ...pem }));
  return config;
}

/** Something good for every input a template asks for. */
export function examples({ inputs }: Pick<TemplateFile, 'inputs'>): TemplateAnswers {
  const given = {
    address: '192.0.2.10',
    hostname: 'mail.example.com',
    port: 7000,
    certificate: [1],
    servers: ['198.51.100.1', '198.51.100.2', '198.51.100.3'],
    text: '/ready',
  };
  return Object.fromEntries(inputs.map(({ name, kind, default: usual }) => [name, usual || given[kind]]));
}

/** The configuration after a template was applied. */
export function applied(template: TemplateFile, answers: TemplateAnswers, config: Config = ground()): Config {
  return edited(config, planOf(template, answers, config, reserveFrom(config)).edits);
}
