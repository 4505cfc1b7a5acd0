import { Button, Group, Modal, Stack } from '@mantine/core';
import { type FormEvent, useMemo } from 'react';
import { type Config, settingsOf } from '../../../../server/schema/config.ts';
import type { NetworkRoute } from '../../../../server/schema/network/route.ts';
import { attempting, useWhenLost } from '../../api/attempt.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { NEW, optionalChoicesOf, routeRules } from './rules.ts';
import '../../form/form.css';

/** Adds a route, or modifies one. */
export function RouteForm({ config, begin, onClose }: { config: Config; begin: NetworkRoute; onClose: () => void }) {
  const fresh = begin.id === NEW;
  useWhenLost(onClose);
  const rules = useMemo(() => routeRules(config), [config]);
  const form = useForm('route', begin, rules);
  const done = () => `${fresh ? 'Added' : 'Modified'} the route to ${form.value.destination}`;
  const within = <T,>(run: () => Promise<T>) =>
    attempting({ seconds: settingsOf(config).confirmTime, addresses: [] }, run);
  const create = useMutate('createRoute', { done, quiet: true, within });
  const modify = useMutate('patchRoute', { done, quiet: true, within });
  const problem = create.problem ?? modify.problem;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { id, ...body } = form.value;
    const reply = await (fresh ? create.run({ body }) : modify.run({ params: { id }, body: form.patch }));
    if (reply) onClose();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={fresh ? 'Add a Route' : `Route to ${begin.destination}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={save}>
        <Stack gap={4} className="dialog-fields">
          {(['destination', 'gateway', 'interface'] as const).map(name => (
            <Field
              key={name}
              form={fresh && !form.changed.includes(name) ? { ...form, faultOf: () => undefined } : form}
              name={name}
              fresh={fresh}
              choices={optionalChoicesOf(config.interfaces)}
            />
          ))}
        </Stack>
        {problem && <ErrorPanel what={fresh ? 'No route was added' : 'Nothing was changed'} error={problem} />}
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.busy || modify.busy}
            disabled={form.invalid !== undefined || (!fresh && form.changed.length === 0)}
          >
            {fresh ? 'Add This Route' : 'Save'}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
