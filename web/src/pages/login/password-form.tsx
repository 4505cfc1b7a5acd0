import { Button, PasswordInput, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { minPasswordLength, type Session } from '../../../../server/schema/account.ts';
import { call, Problem } from '../../api/call.ts';

/** Old password, new one twice. Says at the field what is wrong with it. */
export function PasswordForm({ user, act, onDone }: { user: string; act: string; onDone: (session: Session) => void }) {
  const [problem, setProblem] = useState<{ at: string; message: string }>();
  const [busy, setBusy] = useState(false);
  const errorAt = (at: string) => problem?.at === at && problem.message;

  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = String(form.get('new'));
    if (chosen !== form.get('again')) return setProblem({ at: '/again', message: 'This is not the same password.' });
    setBusy(true);
    try {
      onDone(await call('changePassword', { body: { old: String(form.get('old')), new: chosen } }));
    } catch (error) {
      const at = error instanceof Problem ? (error.at ?? (error.code === 'BAD_LOGIN' ? '/old' : '')) : '';
      const message =
        error instanceof Problem && error.code === 'BAD_LOGIN'
          ? 'This is not your password.'
          : String((error as Error).message);
      setProblem({ at, message });
    }
    setBusy(false);
  };

  return (
    <form onSubmit={save}>
      <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
      <Stack gap="sm">
        <PasswordInput
          name="old"
          label="Password now"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          error={errorAt('/old')}
        />
        <PasswordInput
          name="new"
          label="New password"
          description={`At least ${minPasswordLength} characters.`}
          autoComplete="new-password"
          minLength={minPasswordLength}
          required
          withAsterisk={false}
          error={errorAt('/new')}
        />
        <PasswordInput
          name="again"
          label="New password again"
          autoComplete="new-password"
          required
          withAsterisk={false}
          error={errorAt('/again')}
        />
        {problem && !['/old', '/new', '/again'].includes(problem.at) && (
          <p className="problem" role="alert">
            {problem.message}
          </p>
        )}
        <Button type="submit" loading={busy}>
          {act}
        </Button>
      </Stack>
    </form>
  );
}
