import type { Certificate } from '../../schema/certificate.ts';
import type { Config, Edit } from '../../schema/config.ts';
import { fill } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import { usersOf } from '../../schema/users-of.ts';
import { titleIn } from '../../schema/words.ts';
import { type Call, need, readTree, write } from '../call.ts';
import { answered } from '../certificates/answer.ts';
import { authorityFacts } from '../certificates/authority.ts';
import { completedFrom, holderOf, issuersIn } from '../certificates/complete.ts';
import { readMaterial } from '../certificates/material.ts';
import { selfSigned } from '../certificates/self-signed.ts';
import { signingRequest } from '../certificates/signing-request.ts';
import { certificateView } from '../certificates/view.ts';

export function listCertificates(call: Call) {
  const config = readTree(call);
  return config.certificates.map(certificate => certificateView(certificate, config, Date.now()));
}

export function getCertificate(call: Call) {
  const config = readTree(call);
  return certificateView(need(config, 'certificate', call.id), config, Date.now());
}

export async function inspectCertificate(call: Call) {
  const material = await readMaterial(call.body, Date.now());
  return certificateView(fill('certificate', { id: 0, name: '', ...material }), readTree(call), Date.now());
}

export async function importCertificate(call: Call) {
  return create(call, await readMaterial(call.body, Date.now()));
}

export async function makeSelfSigned(call: Call) {
  return create(call, await selfSigned(call.body, Date.now()));
}

export async function makeRequest(call: Call) {
  return create(call, await signingRequest(call.body));
}

export async function installAnswer(call: Call) {
  const before = need(readTree(call), 'certificate', call.id);
  const after = await answered(before, call.body.pem, Date.now());
  return replace(call, config => {
    // Somebody may have installed it, or made a new request, while the answer was being read.
    if (need(config, 'certificate', call.id).requestKey !== before.requestKey)
      throw new Fault('NO_REQUEST', { name: before.name });
    return after;
  });
}

export async function replaceCertificate(call: Call) {
  const material = await readMaterial(call.body, Date.now());
  return replace(call, config => ({ ...need(config, 'certificate', call.id), ...material }));
}

export const renameCertificate = (call: Call) =>
  replace(call, config => ({ ...need(config, 'certificate', call.id), name: call.body.name }));

export const deleteCertificate = (call: Call) =>
  write(
    call,
    config => {
      const certificate = need(config, 'certificate', call.id);
      const users = usersOf(config, 'certificate', call.id);
      if (users.length > 0)
        throw new Fault('CERTIFICATE_IN_USE', {
          name: certificate.name,
          by: users.map(({ kind, object }) => `“${unquoted(titleIn(kind, object, config))}”`).join(', '),
        });
      return [{ op: 'delete', kind: 'certificate', id: call.id }];
    },
    () => undefined,
  );

/** Titles that are names come with quotes of their own. */
const unquoted = (title: string) => title.replace(/^“(.*)”$/, '$1');

export const assignCertificate = (call: Call) =>
  write(
    call,
    config => {
      need(config, 'certificate', call.id);
      const { add = [], remove = [] } = call.body as { add?: number[]; remove?: number[] };
      const wanted = new Map([...remove.map(id => [id, false] as const), ...add.map(id => [id, true] as const)]);
      return [...wanted].flatMap(([id, on]): Edit[] => {
        const vs = need(config, 'virtualService', id);
        if (vs.certificates.includes(call.id) === on) return [];
        const certificates = on
          ? [...vs.certificates, call.id]
          : vs.certificates.filter(certificate => certificate !== call.id);
        return [{ op: 'replace', kind: 'virtualService', id, value: { ...vs, certificates } }];
      });
    },
    config => certificateView(need(config, 'certificate', call.id), config, Date.now()),
  );

export const completeCertificate = (call: Call) =>
  replace(call, config => {
    const certificate = need(config, 'certificate', call.id);
    const holder = holderOf(certificate, config, Date.now());
    if (!holder)
      throw new Fault('NEEDS', {
        label: `The chain of “${certificate.name}”`,
        needs: 'an intermediate that is nowhere here',
      });
    return completedFrom(certificate, issuersIn(holder, Date.now()));
  });

export function listAuthorityFacts(call: Call) {
  const config = readTree(call);
  return config.authorities.map(authority => authorityFacts(authority, config));
}

function create(call: Call, material: Partial<Certificate>) {
  let made = 0;
  return write(
    call,
    (_config, reserve) => {
      const [id = 0] = reserve('certificate', 1);
      made = id;
      return [
        { op: 'create', kind: 'certificate', value: fill('certificate', { ...material, id, name: call.body.name }) },
      ];
    },
    config => certificateView(need(config, 'certificate', made), config, Date.now()),
  );
}

const replace = (call: Call, next: (config: Config) => Certificate) =>
  write(
    call,
    (config): Edit[] => [{ op: 'replace', kind: 'certificate', id: call.id, value: next(config) }],
    config => certificateView(need(config, 'certificate', call.id), config, Date.now()),
  );
