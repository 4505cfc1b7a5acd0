import { type ConfigurationFile, exported, withSecretsOf } from '../../schema/configuration.ts';
import { editsBetween } from '../../schema/derive.ts';
import { withNetworkOf } from '../../schema/network/own.ts';
import { placeIn, treeOf } from '../backup/tree.ts';
import { type Call, readTree, write } from '../call.ts';

export function exportConfiguration(call: Call): ConfigurationFile {
  call.reply.header('content-disposition', 'attachment; filename="ballast-configuration.json"');
  return exported(readTree(call));
}

/** Replaces everything by what the file says, as one revision. Secrets it does not hold stay as they are here. */
export function importConfiguration(call: Call) {
  const wanted = treeOf(call.body);
  return write(
    call,
    config => {
      const whole = withSecretsOf(config, wanted);
      return editsBetween(config, call.query.keepNetwork === true ? withNetworkOf(config, whole) : whole);
    },
    () => undefined,
    placeIn(wanted),
  );
}
