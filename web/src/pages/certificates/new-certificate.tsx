import { Anchor } from '@mantine/core';
import { useState } from 'react';
import { useMutate } from '../../api/mutate.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { SelfSignedDialog } from './self-signed-dialog.tsx';

interface Props {
  /** Common name to begin with. */
  suggested: string;
  onMade: (id: number) => void;
}

/** Where a service needs a certificate that is not there yet: make or import one on the spot. */
export function NewCertificate({ suggested, onMade }: Props) {
  const [making, setMaking] = useState<'import' | 'self-signed'>();
  const close = () => setMaking(undefined);
  const temporary = useMutate('makeSelfSigned', { done: 'Made a temporary certificate: browsers warn of it' });

  /** LoadMaster shows a certificate of its own until there is a right one; here it is one like any other. */
  const make = async () => {
    const commonName = suggested || 'temporary.invalid';
    const name = `temporary ${commonName}`.slice(0, 48);
    const stamp = new Date().toISOString().slice(5, 19).replace('T', ' ');
    const reply = await temporary.run({
      body: { name: `${name} ${stamp}`, commonName: commonName.slice(0, 64), days: 30 },
    });
    if (reply?.object) onMade(reply.object.id);
  };
  return (
    <span className="new-certificate">
      <Anchor component="button" type="button" inherit onClick={() => setMaking('import')}>
        Import one…
      </Anchor>{' '}
      ,{' '}
      <Anchor component="button" type="button" inherit onClick={() => setMaking('self-signed')}>
        make a self-signed one…
      </Anchor>{' '}
      or{' '}
      <Anchor component="button" type="button" inherit disabled={temporary.busy} onClick={() => void make()}>
        use a temporary one now
      </Anchor>
      : for 30 days, browsers warn of it.
      {making === 'import' && <ImportDialog onClose={close} onMade={onMade} />}
      {making === 'self-signed' && <SelfSignedDialog suggested={suggested} onClose={close} onMade={onMade} />}
    </span>
  );
}
