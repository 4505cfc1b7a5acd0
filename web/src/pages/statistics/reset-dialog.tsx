import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { useMeasureAnew } from './queries.ts';

export function ResetDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const reset = useMutate('resetStatistics', { done: 'The statistics begin anew' });
  const anew = useMeasureAnew();
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title="Reset the statistics?"
      act="Reset Statistics"
      danger
      run={async () => {
        const reply = await reset.run({});
        if (reply) await anew();
        return reply;
      }}
    >
      <p>
        All totals begin at 0, and the graphs of the past year are deleted. This cannot be undone. Traffic, health
        checks and persistence are not touched.
      </p>
    </ConfirmDialog>
  );
}
