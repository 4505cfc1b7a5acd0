import { useState } from 'react';
import { endpoints } from '../../../../server/schema/endpoints.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { MakeDialog } from './make-dialog.tsx';
import { DaysOf, KeyOf, type KeyType, NamesOf, namesIn, TextOf } from './subject-fields.tsx';

interface Props {
  /** Common name to begin with. */
  suggested?: string;
  onClose: () => void;
  onMade: (id: number) => void;
}

const shapes = endpoints.makeSelfSigned.body.properties;
const PLACES = /^\/(?:name|commonName|names)/;

/** Makes a certificate that nobody but its maker vouches for. */
export function SelfSignedDialog({ suggested = '', onClose, onMade }: Props) {
  const [commonName, setCommonName] = useState(suggested);
  const [typed, setTyped] = useState<string>();
  const [names, setNames] = useState('');
  const [keyType, setKeyType] = useState<KeyType>('ec-p256');
  const [days, setDays] = useState<number | string>(365);
  const name = typed ?? commonName;
  const { run, busy, problem } = useMutate('makeSelfSigned', { done: `Made ${name}`, quiet: true });

  const make = async () => {
    const more = namesIn(names);
    const reply = await run({
      body: { name, commonName, keyType, days: Number(days), ...(more.length > 0 && { names: more }) },
    });
    if (!reply) return;
    onClose();
    if (reply.object) onMade(reply.object.id);
  };

  return (
    <MakeDialog
      title="Make a self-signed certificate"
      onClose={onClose}
      act="Make certificate"
      onAct={make}
      busy={busy}
      disabled={!commonName.trim() || !name.trim()}
    >
      <p className="quiet">For tests and for the time until the issuer has answered: browsers warn of it.</p>
      <TextOf
        schema={shapes.commonName}
        name="commonName"
        value={commonName}
        onChange={setCommonName}
        problem={problem}
        focus
      />
      <NamesOf schema={shapes.names} value={names} onChange={setNames} problem={problem} />
      <TextOf schema={shapes.name} name="name" value={name} onChange={setTyped} problem={problem} />
      <KeyOf schema={shapes.keyType} value={keyType} onChange={setKeyType} />
      <DaysOf schema={shapes.days} value={days} onChange={setDays} />
      {problem && !PLACES.test(problem.at ?? '') && <ErrorPanel what="No certificate was made" error={problem} />}
    </MakeDialog>
  );
}
