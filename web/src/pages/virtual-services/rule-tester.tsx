import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import { Link } from 'react-router';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import type { RuleTest } from '../../../../server/schema/rule-test.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { Section } from '../../parts/section.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import './rule-tester.css';

interface Props {
  vs: VirtualService;
  subs: readonly VirtualService[];
  servers: readonly RealServer[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/** Says what the stored rules would do with a request, rule by rule. Nothing is sent anywhere. */
export function RuleTester({ vs, subs, servers }: Props) {
  const [method, setMethod] = useState('GET');
  const [url, setUrl] = useState('/');
  const [client, setClient] = useState('192.0.2.10');
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState('');
  const [result, setResult] = useState<RuleTest>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const run = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const read = readHeaders(headers);
      setResult(
        await call('testRules', {
          params: { id: vs.id },
          body: { method, url, client, headers: read, ...(body && { body }) },
        }),
      );
    } catch (caught) {
      setResult(undefined);
      setError(caught);
    }
    setBusy(false);
  };
  /** In the boxes of several lines Enter makes a line: Ctrl-Enter runs. */
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
  };

  return (
    <Section title="Rule Tester" id="rule-tester" initiallyOpen={false} note="what the rules do with a request">
      <form ref={form} onSubmit={run} className="rule-tester">
        <Group gap="xs" align="end">
          <Select
            label="Method"
            w={110}
            data={METHODS}
            value={method}
            allowDeselect={false}
            onChange={value => value && setMethod(value)}
          />
          <TextInput
            label="URL"
            description="Path and query, or a whole URL. Enter runs the test."
            flex={1}
            value={url}
            onChange={event => setUrl(event.currentTarget.value)}
          />
          <TextInput
            label="Client Address"
            w={190}
            value={client}
            onChange={event => setClient(event.currentTarget.value)}
          />
          <Button type="submit" loading={busy}>
            Test
          </Button>
        </Group>
        <Group gap="xs" align="start" grow>
          <Textarea
            label="Headers"
            placeholder={'Host: www.example.com\nCookie: …'}
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            value={headers}
            onChange={event => setHeaders(event.currentTarget.value)}
            onKeyDown={onKey}
          />
          <Textarea
            label="Body"
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            value={body}
            onChange={event => setBody(event.currentTarget.value)}
            onKeyDown={onKey}
          />
        </Group>
      </form>
      <div role="status">
        {error !== undefined && <ErrorPanel what="The test could not run" error={error} />}
        {result && <Result result={result} subs={subs} servers={servers} />}
      </div>
    </Section>
  );
}

const MARKS = {
  matched: { mark: '✓', words: 'matches' },
  changed: { mark: '✎', words: 'changes it' },
  'no match': { mark: '·', words: 'does not match' },
  skipped: { mark: '–', words: 'not tried' },
  unknown: { mark: '?', words: 'cannot be told' },
} as const;

const STAGES = { selection: 'Selection', request: 'Request', switching: 'Switching' } as const;

function Result({ result, subs, servers }: Omit<Props, 'vs'> & { result: RuleTest }) {
  const named = result.servers.flatMap(id => servers.find(rs => rs.id === id) ?? []);
  const chosen = result.subs.flatMap(id => subs.find(sub => sub.id === id) ?? []);
  return (
    <div className="rule-result">
      <p>
        <strong data-tone={result.result === 'forwarded' ? undefined : 'warn'} className="toned">
          {result.words}
        </strong>{' '}
        {chosen.map(sub => (
          <Link key={sub.id} to={`/virtual-services/${sub.id}`}>
            {sub.name || `SubVS ${sub.id}`}{' '}
          </Link>
        ))}
        <span className="figure">{named.map(rs => endpoint(rs.address, rs.port)).join(', ')}</span>
      </p>
      {result.steps.length === 0 ? (
        <p className="quiet">No rule is tried.</p>
      ) : (
        <table className="rule-steps">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Rule</th>
              <th scope="col">Result</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {result.steps.map(step => (
              <tr key={`${step.stage} ${step.rule}`} data-result={step.result}>
                <td>{STAGES[step.stage]}</td>
                <td>{step.name}</td>
                <td>
                  <span aria-hidden>{MARKS[step.result].mark}</span> {MARKS[step.result].words}
                </td>
                <td className="quiet">{step.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {result.result === 'forwarded' && (
        <p className="quiet">
          The server gets <span className="figure">{result.url}</span>. {result.persistence.words}{' '}
          {result.persistence.key && <span className="figure">Key: {result.persistence.key}</span>}
          {result.persistence.server > 0 && (
            <span className="figure"> Server: {serverName(result.persistence.server, servers)}</span>
          )}
        </p>
      )}
    </div>
  );
}

function serverName(id: number, servers: readonly RealServer[]): string {
  const rs = servers.find(each => each.id === id);
  return rs ? endpoint(rs.address, rs.port) : `number ${id}, which is gone`;
}

/** Lines of “Name: value”; a request line before them is passed over. */
function readHeaders(text: string): { name: string; value: string }[] {
  return text.split('\n').flatMap(line => {
    const at = line.indexOf(':');
    if (at < 1 || /^[A-Z]+ \S+ HTTP\//.test(line)) return [];
    return [{ name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }];
  });
}
