import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { canonical, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useMay } from '../../shell/session.tsx';

const HTTP = 80;

/** Who answers clients that come without TLS: the service on port 80 of the same address, or the offer to make one. */
export function RedirectOffer({ vs, services }: { vs: VirtualService; services: readonly VirtualService[] }) {
  const may = useMay('administrator');
  const make = useMutate('redirectToHttps', { done: `Clients on port ${HTTP} are sent to https` });
  if (!vs.tls || vs.type !== 'http' || vs.port === HTTP || vs.parent > 0) return null;
  const companion = services.find(
    other => other.port === HTTP && other.parent === 0 && canonical(other.address) === canonical(vs.address),
  );
  if (companion)
    return (
      <p className="quiet bar-note">
        Clients that come without TLS meet <Link to={`/virtual-services/${companion.id}`}>{titleOf(companion)}</Link> on
        port {HTTP}.
      </p>
    );
  return (
    <p className="quiet bar-note">
      Clients that come without TLS find nobody on port {HTTP}.{' '}
      {may && (
        <Button
          size="compact-xs"
          variant="default"
          loading={make.busy}
          onClick={() => void make.run({ params: { id: vs.id } })}
        >
          Redirect HTTP to HTTPS
        </Button>
      )}
    </p>
  );
}
