import { exportConfiguration, importConfiguration } from '../api/handlers/configuration.ts';
import { deleteTemplate, importTemplate, listTemplates } from '../api/handlers/templates.ts';
import { validated } from '../api/validated.ts';
import { withParts } from '../schema/backup.ts';
import { type ConfigurationFile, configurationFile, imported } from '../schema/configuration.ts';
import { templateFile } from '../schema/template-file.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { done, type Reply } from './reply.ts';
import { Refused } from './wire.ts';

const BASE = 1;
const SERVICES = 2;

function jsonIn(ask: Ask): unknown {
  if (ask.file.length === 0) throw new Refused(400, 'data: String Value missing');
  try {
    return JSON.parse(ask.file.toString());
  } catch {
    throw new Refused(422, 'data: not a file of Ballast');
  }
}

/** `type` is a sum: 1 the system, 2 services and what they use. What is not asked for stays as it is. */
async function restore(ask: Ask): Promise<Reply> {
  const type = ask.params.whole('type') ?? BASE + SERVICES;
  if ((type & (BASE | SERVICES)) === 0) throw new Refused(422, 'type: Invalid value');
  const file = validated(configurationFile, jsonIn(ask) as ConfigurationFile);
  const parts = [...(type & BASE ? ['system' as const] : []), ...(type & SERVICES ? ['services' as const] : [])];
  const body = { ...file, config: withParts(treeOf(ask), imported(file), parts) };
  await importConfiguration({ ...callOf(ask, 0, body), query: { keepNetwork: (type & BASE) === 0 } });
  return done;
}

async function upload(ask: Ask): Promise<Reply> {
  await importTemplate(callOf(ask, 0, validated(templateFile, jsonIn(ask) as never)));
  return { text: 'Installed 1 new templates.' };
}

async function removeTemplate(ask: Ask): Promise<Reply> {
  const name = ask.params.need('name');
  const found = listTemplates(callOf(ask, 0, {})).find(template => template.name === name);
  if (!found) throw new Refused(422, 'Unknown template');
  const call = callOf(ask, 0, {});
  const request = Object.create(call.request, { params: { value: { key: found.key } } }) as typeof call.request;
  await deleteTemplate({ ...call, request });
  return done;
}

export const backupCommands: Readonly<Record<string, Command>> = {
  backup: {
    role: 'administrator',
    about: 'The whole configuration as a file, without private keys: those are in backupcert.',
    params: [],
    run: ask => ({ file: { body: Buffer.from(JSON.stringify(exportConfiguration(callOf(ask, 0, {})))) } }),
  },
  restore: { role: 'administrator', about: 'Replace the configuration.', params: ['type?', 'data'], run: restore },
  listtemplates: {
    role: 'read-only',
    about: 'Templates.',
    params: [],
    run: ask => ({
      data: {
        template: listTemplates(callOf(ask, 0, {})).map(({ name, comment, id }) => ({
          name,
          comment,
          certified: id === 0,
        })),
      },
    }),
  },
  uploadtemplate: { role: 'administrator', about: 'Store a template.', params: ['data'], run: upload },
  deltemplate: { role: 'administrator', about: 'Delete a template.', params: ['name'], run: removeTemplate },
};
