import { Link } from 'react-router';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty } from '../parts/states.tsx';

export function NotHere() {
  return (
    <>
      <PageHeader title="Nothing here" />
      <Empty title="There is no page at this address" action={<Link to="/">Go to Home</Link>}>
        Perhaps what it showed was deleted. Ctrl-K finds everything there is.
      </Empty>
    </>
  );
}
