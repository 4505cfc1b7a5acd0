import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Session } from '../../../../server/schema/account.ts';
import { call, Problem } from '../../api/call.ts';
import { Mark } from '../../shell/mark.tsx';
import './login.css';

/** The first page: name and password, and nothing about the appliance that a stranger could use. */
export function LoginPage({ onEnter }: { onEnter: (session: Session) => void }) {
  return (
    <main className="login">
      <title>Log in · Ballast</title>
      <h1>
        <Mark size={28} />
        Ballast
      </h1>
      <LoginForm onEnter={onEnter} />
    </main>
  );
}

interface FormProps {
  /** Who was logged in before, when the session has ended. */
  user?: string;
  onEnter: (session: Session) => void;
}

export function LoginForm({ user, onEnter }: FormProps) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      onEnter(
        await call('login', { body: { user: String(form.get('user')), password: String(form.get('password')) } }),
      );
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : String(error));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={enter} className="login-form">
      <Stack gap="sm">
        <TextInput
          name="user"
          label="User name"
          required
          withAsterisk={false}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          defaultValue={user ?? ''}
          autoFocus={!user}
          data-autofocus={user ? undefined : true}
        />
        <PasswordInput
          name="password"
          label="Password"
          required
          withAsterisk={false}
          autoComplete="current-password"
          autoFocus={Boolean(user)}
          data-autofocus={user ? true : undefined}
        />
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" size="sm" loading={busy}>
          Log in
        </Button>
      </Stack>
    </form>
  );
}
