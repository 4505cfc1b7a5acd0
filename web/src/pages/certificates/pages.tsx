import { Route, Routes, useParams } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { CertificatePage } from './certificate.tsx';
import { ListPage } from './list.tsx';

/** All below /certificates. */
export function CertificatesPages() {
  return (
    <Routes>
      <Route index element={<ListPage />} />
      <Route path=":id" element={<One />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}

function One() {
  const id = Number(useParams().id);
  return Number.isInteger(id) ? <CertificatePage key={id} id={id} /> : <NotHere />;
}
