import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { MakePanel } from './make-panel.tsx';
import { RestorePanel } from './restore-panel.tsx';
import { SchedulePanels } from './schedule-panels.tsx';
import './backup.css';

/** Everything as one encrypted file, and the way back. */
export function BackupPage() {
  const may = useMay('administrator');
  return (
    <>
      <PageHeader
        title="Backup/Restore"
        sentence="One encrypted file holds everything: services, certificates with keys, settings, users and API keys."
      />
      {may ? (
        <>
          <MakePanel />
          <RestorePanel />
          <SchedulePanels />
        </>
      ) : (
        <Empty title="This needs the role “administrator”">
          A backup holds private keys and passwords. Ask an administrator to make or restore one.
        </Empty>
      )}
    </>
  );
}
