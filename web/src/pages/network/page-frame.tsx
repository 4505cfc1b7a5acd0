import type { ReactNode } from 'react';
import type { Config } from '../../../../server/schema/config.ts';
import type { NetworkView } from '../../../../server/schema/network/state.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay, useSession } from '../../shell/session.tsx';
import { useNetworkConfig, useNetworkState } from './queries.ts';
import './network.css';

interface Props {
  title: string;
  sentence: ReactNode;
  actions?: ReactNode;
  /** What it says where the machine is not the appliance. */
  foreign?: string;
  children: (config: Config, state: NetworkView | undefined) => ReactNode;
}

/** A page of the network in all its states. The live state may be missing: the page then shows what is configured. */
export function PageFrame({ title, sentence, actions, foreign, children }: Props) {
  const config = useNetworkConfig();
  const state = useNetworkState();
  const may = useMay('administrator');
  const { role } = useSession();
  return (
    <>
      <PageHeader title={title} sentence={sentence} actions={actions} />
      {!may && (
        <p className="quiet role-note">
          Your role “{role}” may look at the network, not change it. Log in as an administrator to change it.
        </p>
      )}
      {foreign && state.data?.appliance === false && <p className="network-note">{foreign}</p>}
      {state.data?.powerless && <p className="network-note">{state.data.powerless}.</p>}
      {state.error && !state.data ? (
        <ErrorPanel
          what="How the network is now could not be read"
          error={state.error}
          still="What is configured is shown below, and traffic goes on."
          retry={() => void state.refetch()}
        />
      ) : null}
      {config ? children(config, state.data) : <Skeletons rows={6} />}
    </>
  );
}
