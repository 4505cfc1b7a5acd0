import { Route, Routes } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { ListPage } from './list.tsx';

/** All below /content-rules. */
export function ContentRulesPages() {
  return (
    <Routes>
      <Route index element={<ListPage />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}
