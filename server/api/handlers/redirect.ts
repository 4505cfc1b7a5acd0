import { fill } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import { type Call, need, write } from '../call.ts';

const HTTPS = 443;

/** LoadMaster's port-80 redirector: a service without servers, so that every answer is its redirect. */
export function redirectToHttps(call: Call) {
  let made = 0;
  return write(
    call,
    (config, reserve) => {
      const { address, port, name, tls, type } = need(config, 'virtualService', call.id);
      // What is relayed may be TLS of the servers'; what is read here is plain without.
      if (!tls && type === 'http')
        throw new Fault('NEEDS', { label: 'A redirect to https', needs: 'SSL Acceleration here' });
      const [id = 0] = reserve('virtualService', 1);
      made = id;
      const redirectUrl = `https://%h${port === HTTPS ? '' : `:${port}`}%s`;
      const own = { address, port: 80, name: name && `${name} redirect`.slice(0, 64), checkType: 'none' };
      const value = fill('virtualService', { ...own, id, unavailableAction: 'redirect', redirectUrl });
      return [{ op: 'create', kind: 'virtualService', value }];
    },
    config => need(config, 'virtualService', made),
  );
}
