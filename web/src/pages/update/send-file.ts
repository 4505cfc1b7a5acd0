import { UPDATE_PART } from '../../../../server/schema/update.ts';
import { call } from '../../api/call.ts';

/** Sends a file part by part, telling how far it is. Throws a Problem; stops when `signal` does. */
export async function sendFile(file: File, told: (done: number) => void, signal: AbortSignal): Promise<void> {
  for (let offset = 0; offset < file.size; offset += UPDATE_PART) {
    const body = file.slice(offset, offset + UPDATE_PART);
    await call('sendUpdatePart', { query: { offset }, body, signal });
    told(Math.min(file.size, offset + UPDATE_PART));
  }
}
