import { Route, Routes } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { CommandPage } from './command.tsx';
import { CommandsPage } from './commands.tsx';
import './loadmaster-api.css';

export function LoadMasterApiPages() {
  return (
    <Routes>
      <Route index element={<CommandsPage />} />
      <Route path=":command/*" element={<CommandPage />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}
