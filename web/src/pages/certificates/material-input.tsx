import { Button, FileButton, PasswordInput, Textarea } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { endpoints } from '../../../../server/schema/endpoints.ts';
import { wordsOf } from '../../parts/value.ts';
import { type Material, readFiles } from './read-files.ts';

interface Props {
  value: Material;
  onChange: (material: Material) => void;
  /** The answer to a request is a certificate alone: no key, no PFX, no pass phrase. */
  answer?: boolean;
  /** The server's fault about the pass phrase. */
  passphraseFault?: string | undefined;
}

const shapes = endpoints.importCertificate.body.properties;

/** Takes a certificate as people have it: dropped or chosen files, or pasted text. */
export function MaterialInput({ value, onChange, answer = false, passphraseFault }: Props) {
  const [over, setOver] = useState(false);
  const [found, setFound] = useState<string[]>([]);
  const [error, setError] = useState<string>();

  const take = async (files: readonly File[]) => {
    setOver(false);
    if (files.length === 0) return;
    setError(undefined);
    try {
      const read = await readFiles(files);
      if (answer && read.material.pfx) throw new Error('The answer to a request is a PEM file, not a PFX.');
      // Files dropped one after the other belong together too.
      const pem = read.material.pem && value.pem ? `${value.pem.trim()}\n${read.material.pem}` : read.material.pem;
      onChange({ ...read.material, ...(pem && { pem }), ...(value.passphrase && { passphrase: value.passphrase }) });
      setFound(old => (read.material.pfx ? read.found : [...old, ...read.found]));
    } catch (caught) {
      setError(caught instanceof Error ? caught.message : String(caught));
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    void take([...event.dataTransfer.files]);
  };
  const paste = (text: string) => {
    setFound([]);
    onChange({ ...(text && { pem: text }), ...(value.passphrase && { passphrase: value.passphrase }) });
  };

  return (
    <div className="material">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the short way; the button is there for all */}
      <div
        className="drop"
        data-over={over ? '' : undefined}
        onDragOver={event => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <IconUpload size={18} aria-hidden />
        <span>
          {answer
            ? 'Drop the issuer’s files here: certificate and intermediates'
            : 'Drop files here: PEM with certificate, key and intermediates in one or several files, or one PFX'}
        </span>
        <FileButton onChange={files => void take(files)} multiple>
          {props => (
            <Button size="compact-xs" variant="default" {...props}>
              Choose files…
            </Button>
          )}
        </FileButton>
      </div>
      {found.length > 0 && (
        <p className="quiet" role="status">
          Read {found.join('; ')}.{' '}
        </p>
      )}
      {error && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      {!value.pfx && (
        <Textarea
          label={`${wordsOf(shapes.pem).label}, pasted`}
          placeholder="-----BEGIN CERTIFICATE-----"
          classNames={{ input: 'mono' }}
          autosize
          minRows={4}
          maxRows={10}
          spellCheck={false}
          value={value.pem ?? ''}
          onChange={event => paste(event.currentTarget.value)}
        />
      )}
      {value.pfx && (
        <Button size="compact-xs" variant="default" className="start" onClick={() => paste('')}>
          Take another file instead
        </Button>
      )}
      {!answer && (
        <PasswordInput
          {...wordsOf(shapes.passphrase)}
          description="Only if the PFX or the key is encrypted."
          autoComplete="off"
          w={320}
          error={passphraseFault && (value.passphrase ? passphraseFault : 'It is encrypted: give its pass phrase.')}
          value={value.passphrase ?? ''}
          onChange={event => {
            const { passphrase: _, ...rest } = value;
            const typed = event.currentTarget.value;
            onChange({ ...rest, ...(typed && { passphrase: typed }) });
          }}
        />
      )}
    </div>
  );
}
