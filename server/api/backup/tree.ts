import { type Config, type Kind, kinds } from '../../schema/config.ts';
import { type ConfigurationFile, imported } from '../../schema/configuration.ts';
import { listOf } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import type { Problem } from '../../schema/rules.ts';

/** The tree in a file of the right shape. Throws INVALID when two objects share a number or the settings are not one. */
export function treeOf(file: ConfigurationFile): Config {
  const wanted = imported(file);
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
  return wanted;
}

/** Where in the file a broken rule lies. */
export const placeIn =
  (wanted: Config) =>
  ({ kind, id, fault }: Problem): string => {
    const at = listOf(wanted, kind).findIndex(object => object.id === id);
    return `/config/${kinds[kind].list}/${at}${fault.at ?? ''}`;
  };
