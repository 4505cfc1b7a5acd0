import { type Kind, kinds } from '../../schema/config.ts';
import { type ConfigurationFile, exported, imported } from '../../schema/configuration.ts';
import { editsBetween, listOf } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import { withNetworkOf } from '../../schema/network/own.ts';
import { type Call, readTree, write } from '../call.ts';

export function exportConfiguration(call: Call): ConfigurationFile {
  call.reply.header('content-disposition', 'attachment; filename="ballast-configuration.json"');
  return exported(readTree(call));
}

/** Replaces everything by what the file says, as one revision. */
export function importConfiguration(call: Call) {
  const wanted = imported(call.body);
  for (const kind of Object.keys(kinds) as Kind[]) {
    const { list, label } = kinds[kind];
    const numbers = new Set<number>();
    for (const { id } of listOf(wanted, kind)) {
      if (numbers.has(id))
        throw new Fault('INVALID', { label: `${label} ${id}`, reason: 'is there twice' }, `/config/${list}`);
      numbers.add(id);
    }
  }
  if (wanted.settings.length !== 1 || wanted.settings[0]?.id !== 1)
    throw new Fault('INVALID', { label: 'Settings', reason: 'must be one object with number 1' }, '/config/settings');
  return write(
    call,
    config => editsBetween(config, call.query.keepNetwork === true ? withNetworkOf(config, wanted) : wanted),
    () => undefined,
    ({ kind, id, fault }) => {
      const at = listOf(wanted, kind).findIndex(object => object.id === id);
      return `/config/${kinds[kind].list}/${at}${fault.at ?? ''}`;
    },
  );
}
