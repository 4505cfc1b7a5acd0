import { lookup } from 'node:dns';
import { Agent, type AgentOptions } from 'node:https';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * How the authority is reached: over TLS only, by those it is trusted through, and never at an address of this machine
 * or its link, also when a name resolves to one (security.md 2.14). `loopback`: the demo and tests may.
 */
export function agentFor(ca: string, loopback: boolean): Agent {
  const options: AgentOptions = {
    keepAlive: false,
    minVersion: 'TLSv1.2',
    ...(ca && { ca }),
    lookup: (name, wish, done) =>
      lookup(name, wish, (error, found, family) => {
        const bad = error ? undefined : [found].flat().map(one => (typeof one === 'string' ? one : one.address));
        const first = bad?.find(one => isRefused(one, loopback));
        if (first) done(new Error(refusal(name, first)), '', 0);
        else done(error, found as string, family);
      }),
  };
  const agent = new Agent(options);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = ((to: { host?: string }, done: never) => {
    const host = to.host ?? '';
    if (isIP(host) && isRefused(host, loopback)) throw new Error(refusal(host, host));
    return create(to as never, done);
  }) as typeof agent.createConnection;
  return agent;
}

const refusal = (name: string, address: string) =>
  `${name} is at ${address}, which is this machine or its link: nothing is ever asked or sent there`;

/** Whether this is an address of the machine itself, or good for its link alone. */
export function isRefused(address: string, loopback: boolean): boolean {
  const range = ipaddr.process(address).range();
  if (range === 'loopback') return !loopback;
  return ['linkLocal', 'unspecified', 'multicast', 'broadcast'].includes(range);
}
