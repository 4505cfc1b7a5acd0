import { Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useSession } from '../../shell/session.tsx';
import { PasswordForm } from './password-form.tsx';

export function ChangePassword({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const session = useSession();
  const done = () => {
    onClose();
    notifications.show({ message: 'Password changed. Your other sessions have ended.' });
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Change password" size="sm">
      <PasswordForm user={session.user} act="Change password" onDone={done} />
    </Modal>
  );
}
