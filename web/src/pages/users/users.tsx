import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { KeyTable } from './key-table.tsx';
import { SessionTable } from './session-table.tsx';
import { UserTable } from './user-table.tsx';
import './users.css';

/** Who may come in: people with a password, programs with a key. */
export function UsersPage() {
  const may = useMay('administrator');
  return (
    <>
      <PageHeader title="Users & API Keys" sentence="People log in with a password, programs with a key." />
      {may ? (
        <>
          <UserTable />
          <KeyTable />
          <SessionTable />
        </>
      ) : (
        <Empty title="This needs the role “administrator”">Ask an administrator to add users or keys.</Empty>
      )}
    </>
  );
}
