import { Fault } from '../../schema/faults.ts';
import type { PathQuestion } from '../../schema/return-path.ts';
import { isAddress } from '../../schema/rules.ts';
import type { Call } from '../call.ts';

export function checkPath({ services, body }: Call) {
  const question = body as PathQuestion;
  const family = question.address.includes(':');
  for (const [at, { address }] of question.servers.entries())
    if (!isAddress(address) || address.includes(':') !== family)
      throw new Fault(
        'BAD_ADDRESS',
        { address, reason: 'is not an address of the same family as the service’s' },
        `/servers/${at}/address`,
      );
  return services.dataPlane.path(question);
}
