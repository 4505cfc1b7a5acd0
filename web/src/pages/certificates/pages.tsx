import { Route, Routes, useParams } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { AcmePage } from '../acme/page.tsx';
import { AuthoritiesPage } from './authorities.tsx';
import { CertificatePage } from './certificate.tsx';
import { CipherSetsPage } from './cipher-sets.tsx';
import { ListPage } from './list.tsx';

/** All below /certificates. */
export function CertificatesPages() {
  return (
    <Routes>
      <Route index element={<ListPage />} />
      <Route path="authorities" element={<AuthoritiesPage />} />
      <Route path="acme" element={<AcmePage />} />
      <Route path="cipher-sets" element={<CipherSetsPage />} />
      <Route path=":id" element={<One />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}

function One() {
  const id = Number(useParams().id);
  return Number.isInteger(id) ? <CertificatePage key={id} id={id} /> : <NotHere />;
}
