import { call } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { download } from '../../parts/download.ts';

const hand = (file: { name: string }) =>
  download(`${file.name}.template.json`, `${JSON.stringify(file, undefined, 2)}\n`);

/** Hands the template of a service to the person as a file. */
export async function exportService(id: number): Promise<void> {
  await call('exportTemplate', { params: { id } }).then(hand, tellProblem);
}

/** Hands a template of the list to the person as a file. */
export async function exportTemplate(key: string): Promise<void> {
  await call('getTemplate', { params: { key } }).then(hand, tellProblem);
}
