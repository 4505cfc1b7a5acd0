import { Route, Routes } from 'react-router';
import { NotHere } from '../../shell/not-here.tsx';
import { StatisticsHistoryPage } from './history.tsx';
import { RealTimePage } from './real-time.tsx';

/** All below /statistics. */
export function StatisticsPages() {
  return (
    <Routes>
      <Route index element={<RealTimePage />} />
      <Route path="history" element={<StatisticsHistoryPage />} />
      <Route path="*" element={<NotHere />} />
    </Routes>
  );
}
