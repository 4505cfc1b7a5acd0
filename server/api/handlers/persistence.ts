import { type Call, need, readTree } from '../call.ts';

const USUAL_LIMIT = 200;

export function listPersistence(call: Call) {
  need(readTree(call), 'virtualService', call.id);
  const { search = '', limit = USUAL_LIMIT } = call.query as { search?: string; limit?: number };
  return call.services.dataPlane.persistence(call.id, search, limit);
}

export function forgetPersistence(call: Call) {
  need(readTree(call), 'virtualService', call.id);
  const { entry } = call.body as { entry?: { table: string; key: string } };
  return call.services.dataPlane.forget({ service: call.id, ...(entry && { entry }) });
}
