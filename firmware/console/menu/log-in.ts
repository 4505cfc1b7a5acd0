import { ask } from '../tui/ask.ts';
import type { Console } from '../wizard/run.ts';
import { failed, newPassword, tell } from './acts.ts';

/** True when an administrator has logged in, or given bal another password; false when whoever came by left. */
export async function logIn(console: Console): Promise<boolean> {
  const title = 'Log in';
  let user = 'bal';
  for (;;) {
    const { act, values } = await ask(console, {
      title,
      words: ['A user of this appliance who is administrator.'],
      fields: [
        { name: 'user', label: 'User', kind: 'text' },
        { name: 'password', label: 'Password', kind: 'secret' },
      ],
      buttons: [
        { name: 'back', label: 'Back' },
        { name: 'forgotten', label: 'Password forgotten' },
        { name: 'in', label: 'Log in' },
      ],
      values: { user },
    });
    if (act === 'back') return false;
    if (act === 'forgotten') return newPassword(console, true);
    user = (values.user ?? '').trim();
    try {
      const session = await console.client.call('login', { body: { user, password: values.password || ' ' } });
      if (session.role === 'administrator') return true;
      await tell(console, title, `${user} is no administrator. What ${user} may do, a browser offers.`);
    } catch (error) {
      await failed(console, 'You are not logged in', error);
    }
  }
}
