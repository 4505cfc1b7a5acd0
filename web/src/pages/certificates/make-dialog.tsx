import { Button, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';

interface Props {
  title: string;
  size?: ModalProps['size'];
  onClose: () => void;
  /** What the button says, and what it does. */
  act: string;
  onAct: () => Promise<void>;
  busy: boolean;
  disabled: boolean;
  children: ReactNode;
}

/** The frame of every dialog that makes or changes one thing: fields, and below them the way out and the act. */
export function MakeDialog({ title, size = 'md', onClose, act, onAct, busy, disabled, children }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A dialog may stand inside another form: React lets its events through.
    event.stopPropagation();
    if (!disabled && !busy) void onAct();
  };
  return (
    <Modal opened onClose={onClose} size={size} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {children}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={disabled}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
