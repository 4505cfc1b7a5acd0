import { Anchor } from '@mantine/core';
import { useState } from 'react';
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
  return (
    <span className="new-certificate">
      <Anchor component="button" type="button" inherit onClick={() => setMaking('import')}>
        Import one…
      </Anchor>{' '}
      or{' '}
      <Anchor component="button" type="button" inherit onClick={() => setMaking('self-signed')}>
        make a self-signed one…
      </Anchor>
      {making === 'import' && <ImportDialog onClose={close} onMade={onMade} />}
      {making === 'self-signed' && <SelfSignedDialog suggested={suggested} onClose={close} onMade={onMade} />}
    </span>
  );
}
