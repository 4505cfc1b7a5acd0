import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Copy } from '../../parts/copy.tsx';
import { dateTimeOf } from '../../parts/format.ts';
import { useMay } from '../../shell/session.tsx';
import { Lifetime } from './lifetime.tsx';

/** What a certificate says of itself. */
export function CertificateFacts({ certificate: c }: { certificate: CertificateView }) {
  return (
    <dl className="facts">
      <Fact name="Common name">{c.subject || '–'}</Fact>
      <Fact name="For">
        <span className="names">{c.names.length > 0 ? c.names.join(', ') : '–'}</span>
      </Fact>
      {c.chain && (
        <>
          <Fact name="Issuer">{c.selfSigned ? `${c.issuer} (self-signed)` : c.issuer}</Fact>
          <Fact name="Valid from">
            <span className="figure">{c.notBefore === null ? '–' : dateTimeOf(c.notBefore)}</span>
          </Fact>
          <Fact name="Ends">
            <Lifetime certificate={c} />
          </Fact>
        </>
      )}
      <Fact name="Key">{c.keyType || '–'}</Fact>
      {c.fingerprint && (
        <Fact name="SHA-256">
          <span className="mono fingerprint">{c.fingerprint}</span>{' '}
          <Copy value={c.fingerprint} what="the fingerprint" />
        </Fact>
      )}
      {c.chain && <Fact name="Chain">{<ChainCheck certificate={c} />}</Fact>}
    </dl>
  );
}

/** Whether clients can follow the chain to an issuer they trust. */
function ChainCheck({ certificate: c }: { certificate: CertificateView }) {
  const may = useMay('administrator');
  const complete = useMutate('completeCertificate', { done: `Completed the chain of ${c.name}` });
  if (c.chainProblem)
    return (
      <>
        <span data-tone="warn" className="toned">
          ▲ {c.chainProblem}
        </span>{' '}
        {c.issuerFrom && c.id > 0 && may && (
          <Button
            size="compact-xs"
            variant="default"
            loading={complete.busy}
            onClick={() => void complete.run({ params: { id: c.id } })}
          >
            Take it from “{c.issuerFrom}”
          </Button>
        )}
      </>
    );
  return c.selfSigned ? 'Self-signed: clients must be told to trust it.' : 'Complete: every intermediate is there.';
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
