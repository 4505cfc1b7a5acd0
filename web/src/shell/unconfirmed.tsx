import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import type { Unconfirmed as Change } from '../../../server/schema/network/state.ts';
import { ANSWERED_WITHIN, type Attempt, forgetAttempt, useAttempt } from '../api/attempt.ts';
import { call, Problem } from '../api/call.ts';
import { tellProblem } from '../api/mutate.tsx';
import { useConnection, useRefreshConfig, useStatus } from '../api/queries.ts';
import { useMay } from './session.tsx';

/** On every page, while a change of the network waits to be kept or nobody knows whether one has worked. */
export function Unconfirmed() {
  const live = useStatus();
  const attempt = useAttempt();
  const { state } = useConnection();
  const heard = live?.time ?? 0;
  const there = state === 'open';
  // biome-ignore lint/correctness/useExhaustiveDependencies: every status heard proves that the appliance answers here
  useEffect(() => {
    if (there && attempt && Date.now() - attempt.sent > ANSWERED_WITHIN) forgetAttempt();
  }, [heard, there]);

  if (live?.unconfirmed && there) return <Waiting change={live.unconfirmed} now={live.time} />;
  return attempt ? <Lost attempt={attempt} /> : null;
}

/** A browser goes on using connections it has; after a refusal over one of them it opens another. */
const TRIES = 10;

async function keep(): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      await call('confirmNetwork');
      return;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'OLD_CONNECTION') || left === 0) throw error;
    }
  }
}

function Waiting({ change, now }: { change: Change; now: number }) {
  const may = useMay('administrator');
  const refresh = useRefreshConfig();
  const [busy, setBusy] = useState<'keep' | 'undo'>();
  const seconds = Math.max(0, Math.ceil((change.until - now) / 1_000));
  const elsewhere = change.addresses.length > 0 && isAddress(here()) && !change.addresses.includes(here());

  const act = async (what: 'keep' | 'undo') => {
    setBusy(what);
    try {
      await (what === 'keep' ? keep() : call('undoNetwork'));
      await refresh();
      notifications.show({
        message: what === 'keep' ? 'The change of the network is kept' : 'The network is as it was',
      });
    } catch (error) {
      tellProblem(error);
    }
    setBusy(undefined);
  };

  return (
    <section className="unconfirmed" aria-label="Change of the network">
      <div>
        <p role="alert">
          <strong>The network was changed and waits to be kept.</strong>
        </p>
        <p>
          Unless somebody keeps it, it is undone by itself in <span className="figure seconds">{seconds} s</span>.
          {elsewhere && (
            <>
              {' '}
              Keep it at the new address: <Places addresses={change.addresses} />.
            </>
          )}
        </p>
      </div>
      {may && (
        <Group gap="xs" wrap="nowrap" ml="auto">
          <Button
            size="xs"
            variant="default"
            loading={busy === 'undo'}
            disabled={busy !== undefined}
            onClick={() => void act('undo')}
          >
            Undo now
          </Button>
          {!elsewhere && (
            <Button size="xs" loading={busy === 'keep'} disabled={busy !== undefined} onClick={() => void act('keep')}>
              Keep the change
            </Button>
          )}
        </Group>
      )}
    </section>
  );
}

/** What the appliance needs beyond its timer until it answers again. */
const SLACK = 10;

function Lost({ attempt }: { attempt: Attempt }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const passed = now - attempt.sent;
  const left = Math.ceil((attempt.seconds * 1_000 - passed) / 1_000);
  if (passed < ANSWERED_WITHIN) return null;
  return (
    <section className="unconfirmed" data-lost aria-label="Change of the network">
      <div>
        <p role="alert">
          <strong>The appliance does not answer here since the network was changed.</strong>
        </p>
        <p>
          {attempt.addresses.length > 0 && left > 0 && (
            <>
              If its address moved, log in there and keep the change: <Places addresses={attempt.addresses} />.{' '}
            </>
          )}
          {left > -SLACK ? (
            <>
              Otherwise it is undone by itself within <span className="figure">{Math.max(left, 0) + SLACK} s</span>.
            </>
          ) : (
            'Its time is over: if nobody kept it, the network is as it was. Load this page again.'
          )}
        </p>
      </div>
    </section>
  );
}

function Places({ addresses }: { addresses: readonly string[] }) {
  return addresses.map((address, at) => {
    const url = urlAt(address);
    return (
      <span key={address}>
        {at > 0 && ' or '}
        <a href={url}>{url}</a>
      </span>
    );
  });
}

const here = () => window.location.hostname.replace(/^\[|\]$/g, '');
const isAddress = (host: string) => /^[0-9.]+$/.test(host) || host.includes(':');
const urlAt = (address: string) =>
  `https://${address.includes(':') ? `[${address}]` : address}${window.location.port && `:${window.location.port}`}`;
