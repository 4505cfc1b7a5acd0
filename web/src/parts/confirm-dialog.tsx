import { Button, Group, Modal, Stack } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { Preview } from '../../../server/schema/status.ts';
import { Diff, PreviewWords } from './effect.tsx';
import { ErrorPanel, Skeletons } from './states.tsx';

interface Props {
  opened: boolean;
  onClose: () => void;
  /** A question: "Delete “web”?" */
  title: string;
  /** The act, on the button: "Delete web". */
  act: string;
  danger?: boolean;
  /** Asks what would happen: `() => call('deleteVirtualService', { params: { id }, dryRun: true })`. */
  preview?: () => Promise<Preview>;
  /** Does it. The dialog closes when it resolves to something, and stays open, saying why, when it throws or resolves to undefined. */
  run: () => Promise<unknown>;
  children?: ReactNode;
}

/** Says what will happen before it does. */
export function ConfirmDialog({ opened, onClose, title, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      {opened && <Body onClose={onClose} {...rest} />}
    </Modal>
  );
}

function Body({ onClose, act, danger, preview, run, children }: Omit<Props, 'opened' | 'title'>) {
  const [foreseen, setForeseen] = useState<Preview>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [details, setDetails] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => {
    preview?.().then(setForeseen, setError);
  }, []);

  const go = async () => {
    setBusy(true);
    try {
      if ((await run()) !== undefined) onClose();
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };

  return (
    <Stack gap="sm">
      {children}
      {error !== undefined && <ErrorPanel what="This cannot be done" error={error} />}
      {preview && !foreseen && error === undefined && <Skeletons rows={2} />}
      {foreseen && <PreviewWords preview={foreseen} />}
      {foreseen && details && <Diff text={foreseen.diff} />}
      <Group justify="flex-end" gap="xs">
        {foreseen?.diff && (
          <Button variant="subtle" mr="auto" onClick={() => setDetails(!details)} aria-expanded={details}>
            {details ? 'Hide configuration' : 'Show configuration'}
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          {...(danger && { color: 'red.9' })}
          loading={busy}
          disabled={Boolean(preview) && !foreseen}
          onClick={go}
          data-autofocus
        >
          {act}
        </Button>
      </Group>
    </Stack>
  );
}
