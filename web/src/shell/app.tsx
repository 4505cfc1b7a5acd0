import { Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, useEffect, useState } from 'react';
import { createBrowserRouter, createRoutesFromElements, Navigate, Route } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import type { Session } from '../../../server/schema/account.ts';
import { call, onSessionLost, Problem } from '../api/call.ts';
import { listen } from '../api/events.ts';
import { LoginForm, LoginPage } from '../pages/login/login.tsx';
import { NewPasswordPage } from '../pages/login/new-password.tsx';
import { dateTimeOf, plural } from '../parts/format.ts';
import { ErrorPanel, Skeletons } from '../parts/states.tsx';
import { Frame } from './frame.tsx';
import { NotHere } from './not-here.tsx';
import { SessionProvider } from './session.tsx';

const HomePage = lazy(async () => ({ default: (await import('../pages/home/home.tsx')).HomePage }));
const SettingsPage = lazy(async () => ({ default: (await import('../pages/settings/page.tsx')).SettingsPage }));
const HistoryPage = lazy(async () => ({ default: (await import('../pages/history/history.tsx')).HistoryPage }));
const UsersPage = lazy(async () => ({ default: (await import('../pages/users/users.tsx')).UsersPage }));
const BackupPage = lazy(async () => ({ default: (await import('../pages/backup/page.tsx')).BackupPage }));
const VirtualServicesPages = lazy(async () => ({
  default: (await import('../pages/virtual-services/pages.tsx')).VirtualServicesPages,
}));
const RealServersPages = lazy(async () => ({
  default: (await import('../pages/real-servers/pages.tsx')).RealServersPages,
}));
const ContentRulesPages = lazy(async () => ({
  default: (await import('../pages/content-rules/pages.tsx')).ContentRulesPages,
}));
const NetworkPages = lazy(async () => ({ default: (await import('../pages/network/pages.tsx')).NetworkPages }));
const StatisticsPages = lazy(async () => ({
  default: (await import('../pages/statistics/pages.tsx')).StatisticsPages,
}));
const LoadMasterApiPages = lazy(async () => ({
  default: (await import('../pages/loadmaster-api/pages.tsx')).LoadMasterApiPages,
}));
const PowerPage = lazy(async () => ({ default: (await import('../pages/power/page.tsx')).PowerPage }));
const SupportPage = lazy(async () => ({ default: (await import('../pages/support/page.tsx')).SupportPage }));
const SyslogPage = lazy(async () => ({ default: (await import('../pages/alerts/syslog.tsx')).SyslogPage }));
const EmailPage = lazy(async () => ({ default: (await import('../pages/alerts/email.tsx')).EmailPage }));
const ToolsPage = lazy(async () => ({ default: (await import('../pages/tools/page.tsx')).ToolsPage }));
const UpdatePage = lazy(async () => ({ default: (await import('../pages/update/page.tsx')).UpdatePage }));
const TemplatesPages = lazy(async () => ({
  default: (await import('../pages/templates/pages.tsx')).TemplatesPages,
}));
const CertificatesPages = lazy(async () => ({
  default: (await import('../pages/certificates/pages.tsx')).CertificatesPages,
}));

/** A data router, because only that can hold a navigation back while a form has unsaved changes. */
const router = createBrowserRouter(
  createRoutesFromElements(
    <Route element={<Frame />}>
      <Route index element={<HomePage />} />
      <Route path="virtual-services/*" element={<VirtualServicesPages />} />
      <Route path="real-servers/*" element={<RealServersPages />} />
      <Route path="content-rules/*" element={<ContentRulesPages />} />
      <Route path="templates/*" element={<TemplatesPages />} />
      <Route path="certificates/*" element={<CertificatesPages />} />
      <Route path="network/*" element={<NetworkPages />} />
      <Route path="statistics/*" element={<StatisticsPages />} />
      <Route path="tools" element={<ToolsPage />} />
      <Route path="loadmaster-api/*" element={<LoadMasterApiPages />} />
      <Route path="settings" element={<SettingsPage />} />
      <Route path="history" element={<HistoryPage />} />
      <Route path="users" element={<UsersPage />} />
      <Route path="backup" element={<BackupPage />} />
      <Route path="syslog" element={<SyslogPage />} />
      <Route path="email" element={<EmailPage />} />
      <Route path="power" element={<PowerPage />} />
      <Route path="support" element={<SupportPage />} />
      <Route path="update" element={<UpdatePage />} />
      <Route path="login" element={<Navigate to="/" replace />} />
      <Route path="*" element={<NotHere />} />
    </Route>,
  ),
);

const SESSION = ['session'];

/** Who is there decides what is shown: the log-in, a forced new password, or the console. */
export function App() {
  const client = useQueryClient();
  const session = useQuery({ queryKey: SESSION, queryFn: ({ signal }) => call('getSession', { signal }) });
  const [ended, setEnded] = useState(false);
  const user = session.data?.user;
  const ready = user !== undefined && !ended && !session.data?.mustChangePassword;

  useEffect(() => onSessionLost(() => client.getQueryData(SESSION) && setEnded(true)), [client]);

  // Asking who we are is how a refused stream finds out that the session has ended.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another user needs another stream
  useEffect(
    () => (ready ? listen(client, () => void call('getSession').catch(() => {})) : undefined),
    [client, ready, user],
  );

  const enter = (entered: Session) => {
    // Another person must not find the first one's page behind the log-in.
    if (user !== undefined && entered.user !== user) return window.location.assign('/');
    client.setQueryData(SESSION, entered);
    if (entered.failedSince > 0) warnOfGuesses(entered);
    setEnded(false);
    void client.invalidateQueries({ predicate: query => query.queryKey[0] !== SESSION[0] });
  };

  if (!session.data) {
    if (session.error instanceof Problem && session.error.status === 401) return <LoginPage onEnter={enter} />;
    return (
      <main className="alone">
        {session.error ? (
          <ErrorPanel
            what="The console cannot reach the appliance"
            error={session.error}
            still="Traffic does not pass through the console and goes on without it."
            retry={() => void session.refetch()}
          />
        ) : (
          <Skeletons />
        )}
      </main>
    );
  }
  if (session.data.mustChangePassword && !ended) return <NewPasswordPage session={session.data} onEnter={enter} />;

  return (
    <SessionProvider value={session.data}>
      <RouterProvider router={router} />
      <Modal
        opened={ended}
        onClose={() => {}}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title="Your session has ended"
        size="xs"
        // Above any dialog that was open when it ended.
        zIndex={1000}
      >
        <p className="quiet">Log in to go on. What you have typed is still there.</p>
        <LoginForm user={session.data.user} onEnter={enter} />
      </Modal>
    </SessionProvider>
  );
}

/** Somebody tried this name with wrong passwords: the person should hear of it, and once. */
function warnOfGuesses({ user, failedSince, lastLogin }: Session): void {
  const since = lastLogin ? `since your last log-in on ${dateTimeOf(lastLogin)}` : 'before your first log-in';
  notifications.show({
    color: 'yellow',
    title: `${plural(failedSince, 'failed log-in')} as ${user}`,
    message: `Tried ${since}.`,
    autoClose: false,
  });
}
