import { Route, Routes } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { InterfacesPage } from './interfaces.tsx';
import { RoutesPage } from './routes.tsx';
import { ManagementPage, NamesPage, TimePage } from './settings-pages.tsx';

/** All below /network. */
export function NetworkPages() {
  return (
    <Routes>
      <Route path="interfaces" element={<InterfacesPage />} />
      <Route path="routes" element={<RoutesPage />} />
      <Route path="names" element={<NamesPage />} />
      <Route path="time" element={<TimePage />} />
      <Route path="management" element={<ManagementPage />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}
