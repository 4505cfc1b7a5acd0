import { Switch, Tooltip } from '@mantine/core';
import { useState } from 'react';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { labelOf } from '../../parts/value.ts';
import { useMay } from '../../shell/session.tsx';
import { SwitchDialog, useSwitch } from './service-dialogs.tsx';

/** Switches the service on at once; switching off says first whom it meets. */
export function ActiveSwitch({ vs }: { vs: VirtualService }) {
  const [asking, setAsking] = useState(false);
  const operator = useMay('operator');
  const turn = useSwitch(vs);
  return (
    <>
      <Tooltip label="Your role may only look" disabled={operator}>
        <Switch
          mt={5}
          mr="xs"
          label={labelOf('virtualService', 'enabled')}
          checked={vs.enabled}
          disabled={!operator}
          onChange={event => (event.currentTarget.checked ? void turn(true) : setAsking(true))}
        />
      </Tooltip>
      {asking && <SwitchDialog vs={vs} opened onClose={() => setAsking(false)} />}
    </>
  );
}
