import type { Certificate } from '../../schema/certificate.ts';
import type { Edit } from '../../schema/config.ts';
import { fill } from '../../schema/derive.ts';
import { refuseUnservable } from '../acme/keeper.ts';
import { type Call, need, readTree, write } from '../call.ts';

export const listAcmeCertificates = (call: Call) =>
  readTree(call)
    .certificates.filter(one => one.acmeAccount > 0)
    .map(one => call.services.acme.view(one));

export async function orderAcmeCertificate(call: Call) {
  const { name, account, names, renewDays } = call.body;
  let made = 0;
  const reply = await write(
    call,
    (config, reserve) => {
      refuseUnservable(config, account);
      const [id = 0] = reserve('certificate', 1);
      made = id;
      const value = { id, name, acmeAccount: account, acmeNames: names, ...(renewDays && { renewDays }) };
      return [{ op: 'create', kind: 'certificate', value: fill('certificate', value) }];
    },
    config => call.services.acme.view(need(config, 'certificate', made)),
  );
  if ('revision' in reply) call.services.acme.now(made);
  return reply;
}

export const changeAcmeCertificate = (call: Call) =>
  write(
    call,
    (config): Edit[] => {
      const { account, names, renewDays } = call.body;
      const now = need(config, 'certificate', call.id);
      const value: Certificate = {
        ...now,
        acmeAccount: account ?? now.acmeAccount,
        acmeNames: names ?? now.acmeNames,
        renewDays: renewDays ?? now.renewDays,
      };
      return [{ op: 'replace', kind: 'certificate', id: call.id, value }];
    },
    config => call.services.acme.view(need(config, 'certificate', call.id)),
  );

export function renewAcmeCertificate(call: Call) {
  const certificate = need(readTree(call), 'certificate', call.id);
  call.services.acme.now(call.id);
  return call.services.acme.view(certificate);
}
