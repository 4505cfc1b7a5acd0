import { Button, FileInput, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { LoadMasterCommand } from '../../../../server/schema/loadmaster-calls.ts';
import { callAsTool } from '../../api/call.ts';
import { Panel } from '../../parts/panel.tsx';
import { type Asker, requestOf, type Version } from './example.ts';

interface Props {
  command: LoadMasterCommand;
  version: Version;
  values: Readonly<Record<string, string>>;
  setValues: (values: Record<string, string>) => void;
}

interface Answer {
  status: number;
  text: string;
  /** Milliseconds from the click to the last byte. */
  took: number;
}

/** Sends the command as a tool would, with a key or a password that is asked for here and kept nowhere. */
export function TryIt({ command, version, values, setValues }: Props) {
  const [asker, setAsker] = useState<Asker>({ key: '', user: '', password: '' });
  const [file, setFile] = useState<File | null>(null);
  const [answer, setAnswer] = useState<Answer | string>();
  const [busy, setBusy] = useState(false);
  const knows = asker.key !== '' || (asker.user !== '' && asker.password !== '');
  const missing = command.parameters.find(({ name, needed }) =>
    needed && command.upload && name === 'data' ? !file : needed && !values[name],
  );

  const go = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const began = performance.now();
    try {
      const bytes = file && command.upload ? new Uint8Array(await file.arrayBuffer()) : undefined;
      const response = await callAsTool(...requestOf({ command, version, values, file: bytes }, asker));
      const text = legible(await response.text());
      setAnswer({ status: response.status, text, took: Math.round(performance.now() - began) });
    } catch {
      setAnswer('No answer came: the appliance could not be reached, so nobody knows whether the command arrived.');
    } finally {
      setBusy(false);
    }
  };

  const ask = (name: keyof Asker, label: string, Input: typeof TextInput | typeof PasswordInput) => (
    <Input
      label={label}
      size="xs"
      autoComplete="off"
      spellCheck={false}
      value={asker[name]}
      onChange={event => setAsker({ ...asker, [name]: event.currentTarget.value })}
    />
  );

  return (
    <Panel title="Try It">
      <form className="api-form" onSubmit={go}>
        <fieldset>
          <legend>As whom: a key, or a user with the password. Neither is kept.</legend>
          {ask('key', 'API Key', PasswordInput)}
          {ask('user', 'User', TextInput)}
          {ask('password', 'Password', PasswordInput)}
        </fieldset>
        {command.parameters.length > 0 && (
          <fieldset>
            <legend>Parameters; what is left empty is not sent.</legend>
            {command.parameters.map(({ name, needed }) =>
              command.upload && name === 'data' ? (
                <FileInput key={name} label="File" size="xs" placeholder="choose…" value={file} onChange={setFile} />
              ) : (
                <TextInput
                  key={name}
                  label={name}
                  size="xs"
                  autoComplete="off"
                  spellCheck={false}
                  withAsterisk={needed}
                  value={values[name] ?? ''}
                  onChange={event => setValues({ ...values, [name]: event.currentTarget.value })}
                />
              ),
            )}
          </fieldset>
        )}
        <div className="api-send">
          <Button type="submit" size="xs" loading={busy} disabled={!knows || missing !== undefined}>
            Send
          </Button>
          <span className="quiet">
            {missing
              ? `“${missing.name}” is needed.`
              : command.role === 'read-only'
                ? 'Reads only.'
                : 'This is the real thing: what it changes is changed on this appliance.'}
          </span>
        </div>
      </form>
      {typeof answer === 'string' && (
        <p className="api-answer" role="alert">
          {answer}
        </p>
      )}
      {typeof answer === 'object' && (
        <section className="api-answer" aria-label="Answer" aria-live="polite">
          <p>
            HTTP status <strong>{answer.status}</strong>, {answer.took} ms
          </p>
          <pre className="api-text">{answer.text}</pre>
        </section>
      )}
    </Panel>
  );
}

const MOST = 200_000;

/** JSON with line ends; a long answer as far as a page bears. */
function legible(text: string): string {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // XML, or a file.
  }
  return shown.length > MOST ? `${shown.slice(0, MOST)}\n… ${shown.length - MOST} characters more` : shown;
}
