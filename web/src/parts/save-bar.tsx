import { Anchor, Button, Drawer, Group, Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Changed } from '../../../server/schema/endpoints.ts';
import type { Preview } from '../../../server/schema/status.ts';
import { undo } from '../api/mutate.tsx';
import { useRefreshConfig } from '../api/queries.ts';
import { Diff, effectWords, PreviewWords } from './effect.tsx';
import { plural, timeOf } from './format.ts';

interface Props {
  /** How many values differ from what is stored; 0 hides the bar. */
  count: number;
  /** Changes whenever the edit does, so that the foresight is asked for again. */
  version: unknown;
  /** Asks what saving would do (a dry run). */
  preview: () => Promise<Preview>;
  /** Saves; resolves to undefined when refused, and the form shows why at the fields. */
  save: () => Promise<Changed | undefined>;
  discard: () => void;
  /** Why it cannot be saved yet: "Port: 8443 is the port of this console." */
  invalid?: string | undefined;
}

const SETTLED = 400;

/** The bar at the bottom of a form: how much changed, what saving does, and after it since when it is live. */
export function SaveBar({ count, version, preview, save, discard, invalid }: Props) {
  const [foreseen, setForeseen] = useState<Preview>();
  const [refusal, setRefusal] = useState<string>();
  const [reviewing, setReviewing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState<{ revision: number; time: number; pending: boolean }>();
  const refresh = useRefreshConfig();
  const ask = useRef(preview);
  ask.current = preview;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is a new question
  useEffect(() => {
    setForeseen(undefined);
    setRefusal(undefined);
    if (count === 0 || invalid) return;
    setSaved(undefined);
    let stale = false;
    const timer = setTimeout(() => {
      ask.current().then(
        answer => !stale && setForeseen(answer),
        error => !stale && setRefusal(error instanceof Error ? error.message : String(error)),
      );
    }, SETTLED);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [version, count, invalid]);

  // Closing the tab asks first; following a link inside the console is the page's to guard.
  useEffect(() => {
    if (count === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [count]);

  const go = async () => {
    setBusy(true);
    const changed = await save();
    setBusy(false);
    if (!changed) return;
    setReviewing(false);
    // The banner on every page says how that goes on.
    if (changed.outcome.state === 'applied' && changed.outcome.unconfirmed) return;
    setSaved({ revision: changed.revision, time: Date.now(), pending: changed.outcome.state === 'pending' });
  };

  if (count === 0 && !saved) return null;
  if (count === 0 && saved)
    return (
      <div className="save-bar" data-saved role="status" tabIndex={-1} ref={keepFocus}>
        <span>
          {saved.pending ? 'Stored, being put into effect since' : 'Live since'}{' '}
          <span className="figure">{timeOf(saved.time)}</span> (rev {saved.revision})
        </span>
        {saved.revision > 1 && (
          <Anchor
            component="button"
            type="button"
            inherit
            onClick={() => {
              setSaved(undefined);
              void undo(saved.revision, refresh);
            }}
          >
            Undo
          </Anchor>
        )}
        <Button size="xs" variant="subtle" color="gray" ml="auto" onClick={() => setSaved(undefined)}>
          Close
        </Button>
      </div>
    );

  const trouble = invalid ?? refusal;
  return (
    <section className="save-bar" aria-label="Unsaved changes">
      <span role="status">
        <strong>{plural(count, 'change')}</strong>
        {trouble ? (
          <span className="trouble"> · {trouble}</span>
        ) : (
          ` · ${foreseen ? effectWords(foreseen.effect) : '…'}`
        )}
      </span>
      <Group gap="xs" ml="auto" wrap="nowrap">
        <Button size="xs" variant="default" disabled={!foreseen} onClick={() => setReviewing(true)}>
          Review
        </Button>
        <Button size="xs" variant="default" onClick={discard} disabled={busy}>
          Discard
        </Button>
        <Button size="xs" onClick={go} loading={busy} disabled={Boolean(invalid)}>
          Save
        </Button>
      </Group>
      <Drawer
        opened={reviewing && foreseen !== undefined}
        onClose={() => setReviewing(false)}
        position="right"
        size="xl"
        title="What saving will do"
      >
        {foreseen && (
          <Stack gap="md">
            <PreviewWords preview={foreseen} />
            <Diff text={foreseen.diff} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => setReviewing(false)}>
                Go on editing
              </Button>
              <Button onClick={go} loading={busy}>
                Save
              </Button>
            </Group>
          </Stack>
        )}
      </Drawer>
    </section>
  );
}

/** The button that was pressed is gone: without this the keyboard would begin at the top of the page again. */
function keepFocus(bar: HTMLElement | null): void {
  if (document.activeElement === document.body) bar?.focus({ preventScroll: true });
}
