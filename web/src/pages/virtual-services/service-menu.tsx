import { ActionIcon, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconPencil, IconPower, IconTemplate, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useMay } from '../../shell/session.tsx';
import { exportService } from '../templates/export.ts';
import { DeleteDialog, DuplicateDialog, SwitchDialog, useSwitch } from './service-dialogs.tsx';

/** What can be done with a service from its row. */
export function ServiceMenu({ vs }: { vs: VirtualService }) {
  const [dialog, setDialog] = useState<'switch' | 'duplicate' | 'delete'>();
  const administrator = useMay('administrator');
  const operator = useMay('operator');
  const turn = useSwitch(vs);
  const title = titleOf(vs);
  const close = () => setDialog(undefined);

  return (
    <>
      <Menu position="bottom-end" width={200} shadow="md">
        <Menu.Target>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Operations on ${title}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={14} />} component={Link} to={`/virtual-services/${vs.id}`}>
            {administrator ? 'Modify' : 'View'}
          </Menu.Item>
          {administrator && (
            <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => setDialog('duplicate')}>
              Duplicate…
            </Menu.Item>
          )}
          {vs.parent === 0 && (
            <Menu.Item leftSection={<IconTemplate size={14} />} onClick={() => void exportService(vs.id)}>
              Export Template
            </Menu.Item>
          )}
          {operator && (
            <Menu.Item
              leftSection={<IconPower size={14} />}
              onClick={() => (vs.enabled ? setDialog('switch') : void turn(true))}
            >
              {vs.enabled ? 'Disable…' : 'Enable'}
            </Menu.Item>
          )}
          {administrator && (
            <>
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => setDialog('delete')}>
                Delete…
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'switch' && <SwitchDialog vs={vs} opened onClose={close} />}
      {dialog === 'duplicate' && <DuplicateDialog vs={vs} opened onClose={close} />}
      {dialog === 'delete' && <DeleteDialog vs={vs} opened onClose={close} />}
    </>
  );
}
