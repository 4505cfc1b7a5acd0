import { useStatus } from '../api/queries.ts';

/** Said on every page while Ballast may not change the network of its machine: what then cannot be had. */
export function Powerless() {
  const why = useStatus(live => live.powerless);
  if (!why) return null;
  return (
    <section className="powerless" aria-label="Missing privilege">
      <p>
        {why}. Layer 7 services at addresses it has already work, and so do the tools; Layer 4, transparency, server
        NAT, new addresses and the network pages do not.
      </p>
    </section>
  );
}
