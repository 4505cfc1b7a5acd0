import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useHead } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';

/** Returns to the configuration as it was after `revision`, and says first what that would do. Closed when undefined. */
export function RestoreDialog({ revision, onClose }: { revision: number | undefined; onClose: () => void }) {
  const head = useHead();
  const restore = useMutate('restoreRevision', { done: `Returned to revision ${revision}` });
  const args = { params: { id: revision ?? 0 }, ...(head !== undefined && { ifMatch: head }) };
  return (
    <ConfirmDialog
      opened={revision !== undefined}
      onClose={onClose}
      title={`Return to revision ${revision}?`}
      act={`Return to revision ${revision}`}
      preview={() => call('restoreRevision', { ...args, dryRun: true })}
      run={() => restore.run(args)}
    >
      <p>The configuration becomes what it was after revision {revision}, as a new revision. Nothing is forgotten.</p>
    </ConfirmDialog>
  );
}
