import { useState } from 'react';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { useMutate } from '../../api/mutate.tsx';
import { PreviewWords } from '../../parts/effect.tsx';
import { plural } from '../../parts/format.ts';
import { ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { CertificateFacts } from './certificate-facts.tsx';
import { CompareTable } from './compare-table.tsx';
import { MakeDialog } from './make-dialog.tsx';
import { MaterialInput } from './material-input.tsx';
import type { Material } from './read-files.ts';
import { useAnswerCheck, useInspect } from './use-inspect.ts';

interface Props {
  certificate: CertificateView;
  /** The answer to the certificate's own request, or another certificate with its key. */
  act: 'replace' | 'answer';
  onClose: () => void;
}

/** Puts a new certificate in the place of an old one; both are shown side by side first. */
export function ReplaceDialog({ certificate: old, act, onClose }: Props) {
  const answer = act === 'answer';
  const [material, setMaterial] = useState<Material>({});
  const inspected = useInspect(answer ? undefined : material);
  const checked = useAnswerCheck(old.id, answer ? material.pem : undefined);
  const { problem, busy } = answer ? checked : inspected;
  const seen = inspected.seen;
  const replace = useMutate('replaceCertificate', { done: `Replaced ${old.name}`, quiet: true });
  const install = useMutate('installAnswer', { done: `Installed the answer for ${old.name}`, quiet: true });
  const refused = replace.problem ?? install.problem;

  const save = async () => {
    const params = { id: old.id };
    const reply = answer
      ? await install.run({ params, body: { pem: material.pem ?? '' } })
      : await replace.run({ params, body: material });
    if (reply) onClose();
  };

  return (
    <MakeDialog
      title={answer ? `Install the answer for “${old.name}”` : `Replace “${old.name}”`}
      size="xl"
      onClose={onClose}
      act={answer ? 'Install answer' : 'Replace Certificate'}
      onAct={save}
      busy={replace.busy || install.busy}
      disabled={answer ? !checked.seen : !seen}
    >
      <p className="quiet">
        {answer
          ? 'The certificate that the issuer made from the request, with its intermediates.'
          : old.usedBy.length === 0
            ? 'No service uses it now.'
            : `${plural(old.usedBy.length, 'service')} ${old.usedBy.length === 1 ? 'takes' : 'take'} the new one at once; no connection is lost.`}
      </p>
      <MaterialInput
        value={material}
        onChange={setMaterial}
        answer={answer}
        passphraseFault={problem?.at === '/passphrase' ? problem.message : undefined}
      />
      {busy && !seen && !checked.seen && <Skeletons rows={3} />}
      {problem && problem.at !== '/passphrase' && <ErrorPanel what="This cannot be used" error={problem} />}
      {checked.seen && <PreviewWords preview={checked.seen} />}
      {seen && (old.chain ? <CompareTable old={old} fresh={seen} /> : <CertificateFacts certificate={seen} />)}
      {refused && <ErrorPanel what="Nothing was changed" error={refused} />}
    </MakeDialog>
  );
}
