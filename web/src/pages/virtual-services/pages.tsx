import { Route, Routes, useParams } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { AddPage } from './add.tsx';
import { EditPage } from './edit.tsx';
import { ListPage } from './list.tsx';

/** All below /virtual-services. */
export function VirtualServicesPages() {
  return (
    <Routes>
      <Route index element={<ListPage />} />
      <Route path="new" element={<AddPage />} />
      <Route path=":id" element={<One />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}

function One() {
  const id = Number(useParams().id);
  // Another service is another page: no edit, open bar or dialog of the last one may stay.
  return Number.isInteger(id) ? <EditPage key={id} id={id} /> : <NotHere />;
}
