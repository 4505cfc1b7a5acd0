import { Button, Group } from '@mantine/core';
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import type { TemplatePreview, TemplateView } from '../../../../server/schema/template-calls.ts';
import { call, Problem } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useHead } from '../../api/queries.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { certificateChoices } from '../virtual-services/certificate-choices.ts';
import { answersOf, missingOf, type Typed, untouched } from './answers.ts';
import { InputField } from './input-field.tsx';
import { MadeList } from './made-list.tsx';
import '../../form/form.css';
import '../virtual-services/virtual-services.css';
import './templates.css';

interface Props {
  template: TemplateView;
  certificates: readonly CertificateView[];
  /** Where Cancel leads. */
  back: string;
}

/** Milliseconds without a key before the preview is asked for. */
const PAUSE = 300;

/** Asks what a template needs and shows what it will make, each value with its reason, while people type. */
export function ApplyForm({ template, certificates, back }: Props) {
  const { inputs } = template;
  const navigate = useNavigate();
  const [typed, setTyped] = useState<Typed>(() => untouched(inputs));
  const [touched, setTouched] = useState(false);
  const saved = useRef(false);
  const missing = missingOf(inputs, typed);
  const body = useMemo(() => ({ template: template.key, inputs: answersOf(inputs, typed) }), [template, inputs, typed]);
  const apply = useMutate('applyTemplate', { done: `Made ${template.name}`, quiet: true });
  // What was just made would be told as being in its own way.
  const seen = usePreview(missing.length === 0 ? body : undefined, apply.busy || saved.current);
  const guard = useLeaveGuard(touched && !saved.current ? 1 : 0, 'entry');

  const problem = apply.problem ?? seen.problem;
  const faultOf = (name: string) => (problem?.at === `/inputs/${name}` ? problem.message : undefined);
  const elsewhere = problem && !inputs.some(({ name }) => faultOf(name)) ? problem : undefined;
  const change = (name: string, value: Typed[string]) => {
    apply.clear();
    setTouched(true);
    setTyped(old => ({ ...old, [name]: value }));
  };
  const make = async (event: FormEvent) => {
    event.preventDefault();
    saved.current = true;
    const reply = await apply.run({ body });
    if (!reply) saved.current = false;
    else
      navigate(
        reply.object?.virtualServices.length === 1
          ? `/virtual-services/${reply.object.virtualServices[0]}`
          : '/virtual-services',
      );
  };
  const host = String(typed.host || typed.address || '');

  return (
    <form onSubmit={make}>
      <Panel title={template.name} aside={<span className="quiet">{template.comment}</span>}>
        <div className="panel-fields">
          {inputs.map(input => (
            <InputField
              key={input.name}
              input={input}
              value={typed[input.name] ?? ''}
              onChange={value => change(input.name, value)}
              fault={faultOf(input.name)}
              certificates={certificateChoices(certificates)}
              suggested={host}
            />
          ))}
        </div>
      </Panel>
      {elsewhere && <ErrorPanel what="Nothing can be made of this" error={elsewhere} />}
      <section
        aria-label="What will be made"
        className="template-preview"
        aria-busy={seen.busy}
        data-old={seen.busy ? '' : undefined}
      >
        {seen.preview && missing.length === 0 ? (
          <MadeList preview={seen.preview} />
        ) : (
          <p className="quiet">
            {missing.length > 0
              ? `Give ${missing.join(', ')} to see what will be made. Makes: ${template.makes.join('; ')}.`
              : ''}
          </p>
        )}
      </section>
      <Group gap="xs" mt="md" className="save-bar">
        <span className="quiet">{touched && missing.length > 0 ? `Still to give: ${missing.join(', ')}.` : ''}</span>
        <Button ml="auto" variant="default" component={Link} to={back}>
          Cancel
        </Button>
        <Button type="submit" loading={apply.busy} disabled={missing.length > 0 || seen.problem !== undefined}>
          Apply Template
        </Button>
      </Group>
      {guard}
    </form>
  );
}

type Application = { template: string; inputs: ReturnType<typeof answersOf> };

/** What the application would make, asked again after a pause and when the configuration changes. */
function usePreview(body: Application | undefined, still: boolean) {
  const [seen, setSeen] = useState<{ preview?: TemplatePreview; problem?: Problem }>({});
  const [busy, setBusy] = useState(false);
  const head = useHead();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another revision may allow what this one refused
  useEffect(() => {
    if (still) return;
    if (!body) return setSeen({});
    const stop = new AbortController();
    setBusy(true);
    const timer = setTimeout(() => {
      call('previewTemplate', { body, signal: stop.signal })
        .then(
          preview => setSeen({ preview }),
          (error: unknown) => {
            if (!stop.signal.aborted)
              setSeen(old => ({
                ...old,
                problem: error instanceof Problem ? error : new Problem('INTERNAL', 0, String(error)),
              }));
          },
        )
        .finally(() => !stop.signal.aborted && setBusy(false));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [body, head, still]);
  return { ...seen, busy };
}
