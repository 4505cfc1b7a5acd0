import { Button, Group, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { sessionIdle } from '../../../server/schema/account.ts';
import { call } from '../api/call.ts';
import { lastUse } from '../api/idle.ts';

/** So long before the end of an idle session somebody is asked. */
const WARN = 2 * 60_000;
const LOOK_EVERY = 1_000;

/** Asks whoever is still there, before an idle session ends and what was typed can no longer be saved. */
export function IdleWarning() {
  const [left, setLeft] = useState<number>();
  useEffect(() => {
    const watch = setInterval(() => {
      const rest = lastUse() + sessionIdle - Date.now();
      setLeft(rest <= WARN && rest > 0 ? Math.ceil(rest / 1_000) : undefined);
    }, LOOK_EVERY);
    return () => clearInterval(watch);
  }, []);
  const stay = () => {
    setLeft(undefined);
    void call('getSession').catch(() => {});
  };
  return (
    <Modal opened={left !== undefined} onClose={stay} title="Are you still there?" size="sm" withCloseButton={false}>
      <p>
        You have not used the console for a while. You are signed out in <b className="figure">{left}</b> seconds; what
        you have not saved stays on this page.
      </p>
      <Group justify="flex-end">
        <Button data-autofocus onClick={stay}>
          Stay Signed In
        </Button>
      </Group>
    </Modal>
  );
}
