import type { Session } from '../../../../server/schema/account.ts';
import { Mark } from '../../shell/mark.tsx';
import { PasswordForm } from './password-form.tsx';
import './login.css';

/** Somebody else chose this password: before anything else the person sets an own one. */
export function NewPasswordPage({ session, onEnter }: { session: Session; onEnter: (session: Session) => void }) {
  return (
    <main className="login">
      <title>New password · Ballast</title>
      <h1>
        <Mark size={28} />
        Set your password
      </h1>
      <p>
        The password of <strong>{session.user}</strong> was set by somebody else. Choose one that only you know.
      </p>
      <PasswordForm user={session.user} act="Set password" onDone={onEnter} />
    </main>
  );
}
