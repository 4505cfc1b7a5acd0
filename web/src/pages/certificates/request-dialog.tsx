import { SimpleGrid } from '@mantine/core';
import { useState } from 'react';
import { endpoints } from '../../../../server/schema/endpoints.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { MakeDialog } from './make-dialog.tsx';
import { KeyOf, type KeyType, NamesOf, namesIn, TextOf } from './subject-fields.tsx';

interface Props {
  onClose: () => void;
  onMade: (id: number) => void;
}

const shapes = endpoints.makeRequest.body.properties;
const OPTIONAL = ['country', 'state', 'city', 'company', 'organization', 'email'] as const;
const PLACES = new RegExp(`^/(?:name|commonName|names|${OPTIONAL.join('|')})`);

/** Makes a key and a signing request; the key stays here until the issuer's answer is installed. */
export function RequestDialog({ onClose, onMade }: Props) {
  const [commonName, setCommonName] = useState('');
  const [typed, setTyped] = useState<string>();
  const [names, setNames] = useState('');
  const [keyType, setKeyType] = useState<KeyType>('ec-p256');
  const [texts, setTexts] = useState<Partial<Record<(typeof OPTIONAL)[number], string>>>({});
  const name = typed ?? commonName;
  const { run, busy, problem } = useMutate('makeRequest', { done: `Made the request of ${name}`, quiet: true });

  const make = async () => {
    const more = namesIn(names);
    const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));
    const reply = await run({ body: { name, commonName, keyType, ...given, ...(more.length > 0 && { names: more }) } });
    if (!reply) return;
    onClose();
    if (reply.object) onMade(reply.object.id);
  };

  return (
    <MakeDialog
      title="Generate CSR"
      size="lg"
      onClose={onClose}
      act="Create CSR"
      onAct={make}
      busy={busy}
      disabled={!commonName.trim() || !name.trim()}
    >
      <p className="quiet">
        Makes a private key, which stays on the appliance, and a signing request to send to an issuer. Its answer is
        installed here later.
      </p>
      <TextOf
        schema={shapes.commonName}
        name="commonName"
        value={commonName}
        onChange={setCommonName}
        problem={problem}
        focus
      />
      <NamesOf schema={shapes.names} value={names} onChange={setNames} problem={problem} />
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
        {OPTIONAL.map(each => (
          <TextOf
            key={each}
            schema={shapes[each]}
            name={each}
            value={texts[each] ?? ''}
            onChange={text => setTexts(old => ({ ...old, [each]: each === 'country' ? text.toUpperCase() : text }))}
            problem={problem}
          />
        ))}
      </SimpleGrid>
      <TextOf schema={shapes.name} name="name" value={name} onChange={setTyped} problem={problem} />
      <KeyOf schema={shapes.keyType} value={keyType} onChange={setKeyType} />
      {problem && !PLACES.test(problem.at ?? '') && <ErrorPanel what="No request was made" error={problem} />}
    </MakeDialog>
  );
}
