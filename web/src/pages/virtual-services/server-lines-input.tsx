import { Textarea } from '@mantine/core';
import { plural } from '../../parts/format.ts';
import type { Line } from './server-lines.ts';

interface Props {
  value: string;
  onChange: (text: string) => void;
  lines: readonly Line[];
  standardPort: number;
  /** The server's fault about one of them. */
  fault: string | undefined;
}

/** Real Servers, pasted as a list. */
export function ServerLinesInput({ value, onChange, lines, standardPort, fault }: Props) {
  const faults = lines.flatMap(line => (line.fault ? [`Line ${line.number}: ${line.fault}.`] : []));
  if (fault) faults.push(fault);
  const good = lines.filter(line => line.server).length;
  return (
    <div className="field">
      <label htmlFor="server-lines">Real Servers</label>
      <div className="field-control">
        <Textarea
          id="server-lines"
          aria-describedby="server-lines-words"
          classNames={{ input: 'mono' }}
          autosize
          minRows={3}
          maxRows={14}
          spellCheck={false}
          placeholder={`10.0.0.11\n10.0.0.12:${standardPort} 500`}
          error={faults.length > 0}
          value={value}
          onChange={event => onChange(event.currentTarget.value)}
        />
      </div>
      <div className="field-words" id="server-lines-words">
        {faults.map(each => (
          <p key={each} className="fault">
            {each}
          </p>
        ))}
        {good > 0 && (
          <p role="status">
            {plural(good, 'server')}
            {faults.length > 0 ? ` read, ${plural(faults.length, 'line')} to correct` : ''}.
          </p>
        )}
        <span className="help">
          One a line: address, port if it is not {standardPort}, weight if wanted. More can be added later.
        </span>
      </div>
    </div>
  );
}
