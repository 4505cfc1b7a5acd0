import type { Config } from '../config.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';
import type { VirtualService } from '../virtual-service.ts';

const VERSIONS = ['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** Named sets that hold nothing for clients older than TLS 1.2. */
const NEW_ONLY = ['default', 'best-practices', 'intermediate', 'fips', 'ecdsa', 'modern'];

/** What properties of TLS need of each other. A SubVS takes TLS with clients from its parent. */
export function sslProblems(config: Config): Problem[] {
  const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const certificates = new Map(config.certificates.map(c => [c.id, c]));
  return config.virtualServices.flatMap(vs => {
    const front = vs.parent === 0 ? vs : services.get(vs.parent);
    const faults = [
      ...(front ? serverSide(vs, front) : []),
      ...(vs.parent === 0 && vs.tls ? clientSide(vs) : []),
      ...(vs.serverCertificate > 0 && certificates.get(vs.serverCertificate)?.chain === ''
        ? [needs('The certificate', 'its signing request answered first', 'serverCertificate')]
        : []),
    ];
    return faults.map(fault => ({ kind: 'virtualService' as const, id: vs.id, fault }));
  });
}

const needs = (label: string, wanted: string, at: keyof VirtualService) =>
  new Fault('NEEDS', { label, needs: wanted }, `/${at}`);

function serverSide(vs: VirtualService, front: VirtualService): Fault[] {
  return [
    ...(vs.reencrypt && !front.tls ? [needs('Reencrypt', 'SSL Acceleration', 'reencrypt')] : []),
    ...(vs.reverse && front.tls ? [needs('Reversed', 'SSL Acceleration off', 'reverse')] : []),
    ...(vs.passServerName && vs.serverName !== ''
      ? [needs('Pass Through SNI Hostname', 'no Reencryption SNI Hostname', 'passServerName')]
      : []),
    ...(vs.passServerName && !front.tls
      ? [needs('Pass Through SNI Hostname', 'SSL Acceleration', 'passServerName')]
      : []),
  ];
}

function clientSide(vs: VirtualService): Fault[] {
  const old = vs.tlsMinimum === 'TLSv1.0' || vs.tlsMinimum === 'TLSv1.1';
  return [
    ...(VERSIONS.indexOf(vs.tlsMinimum) > VERSIONS.indexOf(vs.tlsMaximum)
      ? [needs('Newest TLS Version', 'to be no older than the oldest', 'tlsMaximum')]
      : []),
    ...(vs.cipherSet === 'modern' && vs.tlsMinimum !== 'TLSv1.3'
      ? [needs('The modern cipher set', 'TLS 1.3 as the Oldest TLS Version', 'cipherSet')]
      : []),
    ...(old && NEW_ONLY.includes(vs.cipherSet)
      ? [needs('A version before TLS 1.2', 'a cipher set for it: backward, legacy or your own', 'tlsMinimum')]
      : []),
    ...(vs.cipherSet === 'custom' && vs.customCipherSet === 0
      ? [needs('A cipher set of your own', 'to be chosen', 'customCipherSet')]
      : []),
    ...(vs.clientCertificates !== 'none' && vs.clientAuthority === 0
      ? [needs('Client Certificates', 'the Authority of Clients', 'clientAuthority')]
      : []),
  ];
}
