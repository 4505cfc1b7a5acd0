import { Button, Group, Modal, Stack } from '@mantine/core';
import { type FormEvent, useMemo } from 'react';
import { emptyConfig } from '../../../../server/schema/config.ts';
import type { ContentRule } from '../../../../server/schema/content-rule.ts';
import { fill } from '../../../../server/schema/derive.ts';
import { problemsOf } from '../../../../server/schema/rules.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { type Rules, useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import '../../form/form.css';

interface Props {
  rules: readonly ContentRule[];
  /** Left out: a new one. */
  rule?: ContentRule;
  /** What a new one begins with: a copy. */
  like?: ContentRule;
  onClose: () => void;
  onMade?: (id: number) => void;
}

/** No object has this number: a rule that is not stored yet. */
const NEW = 0;

/** Adds a content rule, or modifies one. Only the properties that mean something for its type are there. */
export function RuleForm({ rules, rule, like, onClose, onMade }: Props) {
  const begin = useMemo<ContentRule>(
    () => rule ?? { ...fill('contentRule', { name: '' }), ...like, id: NEW, name: like ? `${like.name}-copy` : '' },
    [rule, like],
  );
  const check = useMemo(() => rulesOf(rules), [rules]);
  const form = useForm('contentRule', begin, check);
  const create = useMutate('createContentRule', { done: () => `Added the rule ${form.value.name}`, quiet: true });
  const modify = useMutate('patchContentRule', { done: `Modified the rule ${rule?.name}`, quiet: true });
  const problem = create.problem ?? modify.problem;
  const placed = problem && form.value && problem.at?.split('/')[1];
  const names = namesOf(form.value);
  // What is empty because nothing was typed yet is no fault to point at.
  const untouched = (name: string) => !rule && !like && !form.changed.includes(name);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { id: _, ...body } = form.value;
    const reply = rule ? await modify.run({ params: { id: rule.id }, body: form.patch }) : await create.run({ body });
    if (!reply) return;
    if (reply.object) onMade?.(reply.object.id);
    onClose();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={rule ? `Content Rule ${rule.name}` : 'Add a Content Rule'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={save}>
        <Stack gap={4} className="dialog-fields">
          {names.map(name => (
            <Field
              key={name}
              form={untouched(name) ? { ...form, faultOf: () => undefined } : form}
              name={name}
              fresh={!rule}
            />
          ))}
        </Stack>
        {problem && (
          <ErrorPanel what={rule ? 'Nothing was changed' : 'No rule was added'} error={problem} key={placed} />
        )}
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.busy || modify.busy}
            disabled={form.invalid !== undefined || (rule !== undefined && form.changed.length === 0)}
          >
            {rule ? 'Save' : 'Add This Rule'}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** The properties that count for a rule of this type. */
function namesOf({ type, source, header }: ContentRule): (keyof ContentRule)[] {
  const flags = ['onlyIfFlag', 'onlyIfNoFlag'] as const;
  const compared = ['matchType', 'pattern', 'ignoreCase'] as const;
  switch (type) {
    case 'match':
      return [
        'name',
        'type',
        'source',
        ...(source === 'header' || source === 'query' ? (['header'] as const) : []),
        ...compared,
        'negate',
        ...(source === 'url' ? (['includeHost', 'includeQuery'] as const) : []),
        'failOnMatch',
        ...flags,
        'setFlag',
      ];
    case 'add-header':
      return ['name', 'type', 'header', 'replacement', ...flags];
    case 'delete-header':
      return ['name', 'type', 'header', ...(header === '' ? (['matchType', 'pattern'] as const) : []), ...flags];
    case 'replace-header':
      return ['name', 'type', 'header', ...compared, 'replacement', ...flags];
    case 'modify-url':
      return ['name', 'type', ...compared, 'includeQuery', 'replacement', ...flags];
    case 'replace-body':
      return ['name', 'type', ...compared, 'replacement'];
  }
}

/** The schema's rules for one rule beside the others. */
const rulesOf = (rules: readonly ContentRule[]): Rules<ContentRule> => {
  const facts = { managementPort: 0, loopback: true };
  return candidate =>
    problemsOf(
      // The candidate comes last, so that a name taken twice is its fault.
      { ...emptyConfig(), contentRules: [...rules.filter(rule => rule.id !== candidate.id), candidate] },
      facts,
    )
      .filter(problem => problem.kind === 'contentRule' && problem.id === candidate.id)
      .map(problem => problem.fault);
};
