import { Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconCheck,
  IconChevronDown,
  IconDeviceDesktop,
  IconDevicesOff,
  IconKey,
  IconLogout,
  IconMoon,
  IconSun,
} from '@tabler/icons-react';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { tellProblem, useMutate } from '../api/mutate.tsx';
import { ChangePassword } from '../pages/login/change-password.tsx';
import { plural } from '../parts/format.ts';
import { useSession } from './session.tsx';

const SCHEMES = [
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
] as const;

/** Who is logged in, and what is about the person: password, colours, the way out. */
export function UserMenu() {
  const session = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [changing, setChanging] = useState(false);

  const others = useMutate('endOtherSessions', {
    done: ({ ended }) =>
      ended === 0 ? 'You are logged in nowhere else' : `Ended ${plural(ended, 'other session')} of yours`,
  });

  const leave = async () => {
    try {
      await call('logout');
      // Nothing of this session may stay in memory for the next person.
      window.location.assign('/');
    } catch (error) {
      tellProblem(error);
    }
  };

  return (
    <>
      <Menu position="bottom-end" width={220} shadow="md">
        <Menu.Target>
          <button type="button" className="user-button">
            {session.user}
            <IconChevronDown size={14} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {session.user}, {session.role}
          </Menu.Label>
          <Menu.Item leftSection={<IconKey size={14} />} onClick={() => setChanging(true)}>
            Change password…
          </Menu.Item>
          <Menu.Item leftSection={<IconDevicesOff size={14} />} onClick={() => void others.run({})}>
            Log out elsewhere
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Colours</Menu.Label>
          {SCHEMES.map(({ value, label, icon: Icon }) => (
            <Menu.Item
              key={value}
              leftSection={<Icon size={14} />}
              rightSection={colorScheme === value ? <IconCheck size={14} aria-label="chosen" /> : null}
              onClick={() => setColorScheme(value)}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={14} />} onClick={leave}>
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ChangePassword opened={changing} onClose={() => setChanging(false)} />
    </>
  );
}
