import { settingsOf } from '../../schema/config.ts';
import { view } from '../../schema/derive.ts';
import { type Call, readTree, write } from '../call.ts';

export const getSettings = (call: Call) => view('settings', settingsOf(readTree(call)));

export const patchSettings = (call: Call) =>
  write(
    call,
    config => [{ op: 'replace', kind: 'settings', id: 1, value: { ...settingsOf(config), ...call.body } }],
    config => view('settings', settingsOf(config)),
  );
