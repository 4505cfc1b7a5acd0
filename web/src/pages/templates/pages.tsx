import { Route, Routes, useParams } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { ApplyPage } from './apply.tsx';
import { ListPage } from './list.tsx';

/** All below /templates. */
export function TemplatesPages() {
  return (
    <Routes>
      <Route index element={<ListPage />} />
      <Route path=":key" element={<One />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}

function One() {
  const { key = '' } = useParams();
  return <ApplyPage key={key} templateKey={key} />;
}
