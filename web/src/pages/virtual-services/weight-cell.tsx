import { NumberInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { type RealServer, realServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import { useMutate } from '../../api/mutate.tsx';
import { whyNot } from '../../form/limits.ts';
import { count } from '../../parts/format.ts';
import { labelOf } from '../../parts/value.ts';

interface Props {
  rs: RealServer;
  /** Does the scheduling method look at weights? */
  used: boolean;
  may: boolean;
}

/** The weight, changed in place: Enter or leaving the field sets it, Esc takes it back. */
export function WeightCell({ rs, used, may }: Props) {
  const [typed, setTyped] = useState<number | string>();
  const dropped = useRef(false);
  const name = endpoint(rs.address, rs.port);
  const set = useMutate('patchRealServer', { done: `Weight of ${name} is ${typed}` });
  const hint = used ? undefined : 'The scheduling method treats all servers alike: weights are not used';
  if (!may || !used)
    return (
      <span className={used ? 'figure' : 'figure quiet'} title={hint}>
        {count(rs.weight)}
      </span>
    );

  const reason = typed === undefined ? undefined : whyNot(realServer.properties.weight, typed);
  const leave = async () => {
    if (!dropped.current && typed !== undefined && typed !== rs.weight && !reason)
      await set.run({ params: { id: rs.id }, body: { weight: Number(typed) } });
    dropped.current = false;
    setTyped(undefined);
  };
  return (
    <NumberInput
      size="xs"
      className="cell-input"
      aria-label={`${labelOf('realServer', 'weight')} of ${name}`}
      value={typed ?? rs.weight}
      hideControls
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      disabled={set.busy}
      error={reason !== undefined}
      title={reason && `${labelOf('realServer', 'weight')} ${reason}`}
      onChange={setTyped}
      onBlur={leave}
      onKeyDown={event => {
        if (event.key === 'Escape') dropped.current = true;
        if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
