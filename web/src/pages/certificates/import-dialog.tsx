import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMutate } from '../../api/mutate.tsx';
import { ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { labelOf } from '../../parts/value.ts';
import { CertificateFacts } from './certificate-facts.tsx';
import { MakeDialog } from './make-dialog.tsx';
import { MaterialInput } from './material-input.tsx';
import type { Material } from './read-files.ts';
import { useInspect } from './use-inspect.ts';
import './certificates.css';

interface Props {
  onClose: () => void;
  /** With the number of what was made. */
  onMade: (id: number) => void;
}

/** Imports a certificate with its key; what is in the files is shown before anything is stored. */
export function ImportDialog({ onClose, onMade }: Props) {
  const [material, setMaterial] = useState<Material>({});
  const [typed, setTyped] = useState<string>();
  const { seen, problem, busy } = useInspect(material);
  const name = typed ?? seen?.subject ?? '';
  const store = useMutate('importCertificate', { done: `Imported ${name}`, quiet: true });
  const refused = store.problem;

  const save = async () => {
    const reply = await store.run({ body: { name, ...material } });
    if (!reply) return;
    onClose();
    if (reply.object) onMade(reply.object.id);
  };

  return (
    <MakeDialog
      title="Import Certificate"
      size="xl"
      onClose={onClose}
      act="Import Certificate"
      onAct={save}
      busy={store.busy}
      disabled={!seen || !name.trim()}
    >
      <MaterialInput
        value={material}
        onChange={setMaterial}
        passphraseFault={problem?.at === '/passphrase' ? problem.message : undefined}
      />
      {busy && !seen && <Skeletons rows={3} />}
      {problem && problem.at !== '/passphrase' && <ErrorPanel what="This cannot be imported" error={problem} />}
      {seen && <CertificateFacts certificate={seen} />}
      {seen && (
        <TextInput
          label={labelOf('certificate', 'name')}
          description="What people call it here. Must be unique."
          w={320}
          value={name}
          maxLength={64}
          error={refused?.at === '/name' ? refused.message : undefined}
          onChange={event => setTyped(event.currentTarget.value)}
        />
      )}
      {refused && refused.at !== '/name' && <ErrorPanel what="Nothing was imported" error={refused} />}
    </MakeDialog>
  );
}
