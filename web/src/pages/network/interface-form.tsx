import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useMemo, useState } from 'react';
import type { Config } from '../../../../server/schema/config.ts';
import { settingsOf } from '../../../../server/schema/config.ts';
import type { NetworkInterface } from '../../../../server/schema/network/interface.ts';
import { gatewayFaults, linkOf } from '../../../../server/schema/problems/network-routes.ts';
import { attempting, useWhenLost } from '../../api/attempt.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { choicesOf, interfaceRules, NEW, optionalChoicesOf } from './rules.ts';
import '../../form/form.css';

interface Props {
  config: Config;
  /** What it begins with; number 0 is a new one. */
  begin: NetworkInterface;
  onClose: () => void;
}

/** Adds or modifies an interface. A default gateway that lies in its network moves along with it. */
export function InterfaceForm({ config, begin, onClose }: Props) {
  const fresh = begin.id === NEW;
  useWhenLost(onClose);
  const rules = useMemo(() => interfaceRules(config), [config]);
  const form = useForm('interface', begin, rules);
  const { confirmTime, gateway4, gateway6, gateway6Interface } = settingsOf(config);
  const brought = form.value.addresses
    .filter(address => !begin.addresses.includes(address))
    .map(address => address.split('/')[0] ?? '');
  const within = <T,>(run: () => Promise<T>) => attempting({ seconds: confirmTime, addresses: brought }, run);
  const create = useMutate('createInterface', { done: () => `Added ${form.value.name}`, quiet: true, within });
  const modify = useMutate('changeNetwork', { done: `Modified ${begin.name}`, quiet: true, within });
  const problem = create.problem ?? modify.problem;
  const [gateways, setGateways] = useState({ gateway4, gateway6 });
  const interfaces = config.interfaces.map(one => (one.id === begin.id ? form.value : one));
  const moving = (['gateway4', 'gateway6'] as const).filter(
    name =>
      !fresh && settingsOf(config)[name] && linkOf(settingsOf(config)[name], config.interfaces)?.link.id === begin.id,
  );
  const faultOf = (name: 'gateway4' | 'gateway6') =>
    gatewayFaults(
      gateways[name],
      name === 'gateway6' ? gateway6Interface : 0,
      interfaces,
      name === 'gateway4' ? 4 : 6,
      '',
    )[0]?.message;
  const wrong = moving.some(faultOf);
  const moved = moving.filter(name => gateways[name] !== settingsOf(config)[name]);
  const others = config.interfaces.filter(one => one.id !== begin.id);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { id: _, ...body } = form.value;
    const settings = Object.fromEntries(moved.map(name => [name, gateways[name]]));
    const change = {
      ...(form.changed.length > 0 && { interfaces: { [begin.id]: form.patch } }),
      ...(moved.length > 0 && { settings }),
    };
    const reply = await (fresh ? create.run({ body }) : modify.run({ body: change }));
    if (reply) onClose();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={begin.name === '' ? 'Add an Interface' : `Interface ${begin.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={save}>
        <Stack gap={4} className="dialog-fields">
          {namesOf(form.value, fresh && begin.name === '').map(name => (
            <Field
              key={name}
              // What is empty because nothing was typed yet is no fault to point at.
              form={fresh && !form.changed.includes(name) ? { ...form, faultOf: () => undefined } : form}
              name={name}
              fresh={fresh}
              choices={
                name === 'parent'
                  ? optionalChoicesOf(others.filter(one => one.type !== 'vlan'))
                  : choicesOf(others.filter(one => one.type === 'port'))
              }
            />
          ))}
          {moving.map(name => (
            <div className="field" key={name}>
              <label htmlFor={name}>{name === 'gateway4' ? 'IPv4 Default Gateway' : 'IPv6 Default Gateway'}</label>
              <div className="field-control">
                <TextInput
                  id={name}
                  value={gateways[name]}
                  error={faultOf(name) !== undefined}
                  aria-describedby={`${name}-words`}
                  spellCheck={false}
                  autoComplete="off"
                  onChange={event => {
                    const { value } = event.currentTarget;
                    setGateways(old => ({ ...old, [name]: value.trim() }));
                  }}
                />
              </div>
              <div className="field-words" id={`${name}-words`}>
                {faultOf(name) && <p className="fault">{faultOf(name)}</p>}
                <span className="help">It lies in a network of this interface and changes together with it.</span>
              </div>
            </div>
          ))}
        </Stack>
        {problem && <ErrorPanel what={fresh ? 'No interface was added' : 'Nothing was changed'} error={problem} />}
        <Group justify="flex-end" gap="xs" mt="md">
          <span className="quiet" style={{ marginRight: 'auto' }}>
            What could cut you off is undone after {confirmTime} s unless you keep it.
          </span>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.busy || modify.busy}
            disabled={form.invalid !== undefined || wrong || (!fresh && form.changed.length + moved.length === 0)}
          >
            {fresh ? 'Add This Interface' : 'Save'}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** The properties that mean something for its type. A device keeps its name. */
function namesOf({ type }: NetworkInterface, fresh: boolean): (keyof NetworkInterface)[] {
  return [
    ...(fresh ? (['name', 'type'] as const) : []),
    ...(type === 'vlan' ? (['parent', 'vlanId'] as const) : []),
    ...(type === 'bond' ? (['members', 'bondMode'] as const) : []),
    'addresses',
    'mtu',
  ];
}
