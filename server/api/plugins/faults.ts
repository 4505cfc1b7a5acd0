import { randomBytes } from 'node:crypto';
import type { FastifyError, FastifyInstance } from 'fastify';
import { Fault } from '../../schema/faults.ts';
import { invalid } from '../invalid.ts';
import { storeFault } from '../store-fault.ts';

/** Every error leaves as a code, a sentence and, where there is one, the field; nothing of our insides does. */
export function faults(app: FastifyInstance, log: (text: string) => void): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const fault = faultOf(error, log);
    if (fault.code === 'LOCKED_OUT') reply.header('retry-after', String(fault.facts.seconds));
    reply.code(fault.status).send(fault.reply);
  });
  app.setNotFoundHandler((_request, reply) => {
    const fault = new Fault('NO_SUCH_PAGE');
    reply.code(fault.status).send(fault.reply);
  });
}

function faultOf(error: FastifyError, log: (text: string) => void): Fault {
  if (error instanceof Fault) return error;
  if (error.validation) return invalid(error);
  const trouble = storeFault(error);
  if (trouble) {
    log(`${error.code}: ${trouble.message}`);
    return trouble;
  }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Fault('UNSUPPORTED_TYPE');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Fault('TOO_LARGE', { limit: 'this call takes' });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Fault('NOT_JSON');
  }
  // A file's path that leaves the console's folder.
  if (error.statusCode === 403) return new Fault('NO_SUCH_PAGE');
  // Names that would change an object's prototype are refused by the parser with a plain error.
  if (error.statusCode === 400) return new Fault('NOT_JSON');
  const reference = randomBytes(4).toString('hex');
  log(`[${reference}] ${error.stack ?? error.message}`);
  return new Fault('INTERNAL', { reference });
}
