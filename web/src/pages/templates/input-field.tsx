import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { metaOf } from '../../../../server/schema/fields.ts';
import type { TemplateInput } from '../../../../server/schema/template-file.ts';
import { virtualService } from '../../../../server/schema/virtual-service.ts';
import type { Choice } from '../../form/controls.tsx';
import { Refs } from '../../form/refs-control.tsx';
import { plural } from '../../parts/format.ts';
import { NewCertificate } from '../certificates/new-certificate.tsx';
import { serversIn, type Typed } from './answers.ts';

interface Props {
  input: TemplateInput;
  value: Typed[string];
  onChange: (value: Typed[string]) => void;
  /** What is wrong with it. */
  fault: string | undefined;
  certificates: readonly Choice[];
  /** Name to propose for a new certificate. */
  suggested: string;
}

const nothing = () => undefined;

/** One question of a template, drawn like a field of a form. */
export function InputField({ input, value, onChange, fault, certificates, suggested }: Props) {
  const id = useId();
  const shared = { id, error: fault !== undefined, 'aria-describedby': `${id}-words` };
  const controls: Record<TemplateInput['kind'], () => ReactNode> = {
    address: () => <Line {...shared} value={value} onChange={onChange} max={45} />,
    hostname: () => <Line {...shared} value={value} onChange={onChange} max={253} />,
    text: () => <Line {...shared} value={value} onChange={onChange} max={255} />,
    port: () => (
      <NumberInput
        {...shared}
        className="short-input"
        value={value as number | string}
        min={1}
        max={65_535}
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        onChange={onChange}
      />
    ),
    servers: () => (
      <Textarea
        {...shared}
        classNames={{ input: 'mono' }}
        autosize
        minRows={3}
        maxRows={14}
        spellCheck={false}
        placeholder={'10.0.0.11\n10.0.0.12'}
        value={String(value)}
        onChange={event => onChange(event.currentTarget.value)}
      />
    ),
    certificate: () => (
      <Refs
        id={id}
        meta={metaOf(virtualService.properties.certificates)}
        limits={{}}
        value={value}
        onChange={next => onChange(next as number[])}
        disabled={false}
        wrong={fault !== undefined}
        describedBy={`${id}-words`}
        blockOf={nothing}
        choices={certificates}
        more={<NewCertificate suggested={suggested} onMade={made => onChange([...(value as number[]), made])} />}
      />
    ),
  };
  const servers = input.kind === 'servers' ? serversIn(String(value)).length : 0;
  return (
    <div className="field">
      <label htmlFor={id}>{input.label}</label>
      <div className="field-control">{controls[input.kind]()}</div>
      <div className="field-words" id={`${id}-words`}>
        {fault && <p className="fault">{fault}</p>}
        {servers > 0 && <p role="status">{plural(servers, 'server')}.</p>}
        {input.help && <span className="help">{input.help}</span>}
      </div>
    </div>
  );
}

interface LineProps {
  id: string;
  error: boolean;
  'aria-describedby': string;
  value: Typed[string];
  onChange: (value: string) => void;
  max: number;
}

function Line({ value, onChange, max, ...shared }: LineProps) {
  return (
    <TextInput
      {...shared}
      value={String(value)}
      maxLength={max}
      autoComplete="off"
      spellCheck={false}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}
