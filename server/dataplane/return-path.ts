import { connect } from 'node:net';
import type { Hop, PathQuestion, PathReport, ServerPath } from '../schema/return-path.ts';
import { canonical, endpoint } from '../schema/rules.ts';
import { linkFor, parseLinks } from './addresses.ts';
import { run } from './host.ts';

/** Milliseconds a connection may take. */
const PATIENCE = 2_000;
/** Addresses no client has (RFC 5737, RFC 3849): what is sent to them takes a server's way to other networks. */
const STRANGER = { four: '198.51.100.254', six: '2001:db8:ffff:ffff::fe' };

/**
 * Is each server reachable from here, would its answers come back, and is the service's address free? Asks the network
 * itself: connects, and connects once more from an address of another network that the machine takes for a moment.
 * One at a time: callers wait for each other.
 */
export class ReturnPath {
  #turn: Promise<unknown> = Promise.resolve();

  check(question: PathQuestion): Promise<PathReport> {
    const done = this.#turn.then(() => report(question));
    this.#turn = done.catch(() => {});
    return done;
  }
}

async function report(question: PathQuestion): Promise<PathReport> {
  const address = await judgeAddress(question.address);
  // The servers of a service are asked at once, but the stranger's address comes and goes once.
  const strange = serverSeesClient(question) && question.forwarding !== 'route';
  const six = question.address.includes(':');
  const stranger = six ? STRANGER.six : STRANGER.four;
  const held = strange && (await takeStranger(stranger, six));
  try {
    return {
      address,
      servers: await Promise.all(question.servers.map(rs => judge(question, rs, held ? stranger : ''))),
    };
  } finally {
    if (held) await run('ip', ['address', 'del', `${stranger}/${six ? 128 : 32}`, 'dev', 'lo']);
  }
}

/** Does the server get packets with the client's own address? */
const serverSeesClient = (q: PathQuestion) => (q.layer === 'l4' ? !q.sourceNat : q.transparent);

async function takeStranger(address: string, six: boolean): Promise<boolean> {
  const ran = await run('ip', [
    'address',
    'add',
    `${address}/${six ? 128 : 32}`,
    'dev',
    'lo',
    ...(six ? ['nodad'] : []),
  ]);
  return ran.code === 0;
}

async function judge(
  q: PathQuestion,
  { address, port }: { address: string; port: number },
  stranger: string,
): Promise<ServerPath> {
  const way = await wayTo(address);
  const tcp = q.protocol === 'tcp';
  const here = tcp && way ? await tryConnect(address, port) : undefined;
  const seen = sourceSeen(q, way?.source ?? '');
  const there = stranger && here?.error === '' ? await tryConnect(address, port, stranger) : undefined;
  const returns =
    !serverSeesClient(q) || q.forwarding === 'route'
      ? 'unneeded'
      : there
        ? there.error === ''
          ? 'yes'
          : 'no'
        : 'unknown';
  const path = {
    address,
    port,
    reachable: here ? here.error === '' : null,
    milliseconds: here?.error === '' ? here.milliseconds : null,
    link: way?.link ?? '',
    gateway: way?.gateway ?? '',
    returns,
    hops: hopsOf(q, address, seen),
  } as const;
  return { ...path, ...verdict(q, path, here?.error ?? '', way?.source ?? '', seen) };
}

function verdict(
  q: PathQuestion,
  path: Omit<ServerPath, 'good' | 'sentence'>,
  error: string,
  own: string,
  seen: string,
): { good: boolean; sentence: string } {
  const who = endpoint(path.address, path.port);
  const bad = (sentence: string) => ({ good: false, sentence });
  if (path.link === '')
    return bad(`There is no route to ${path.address}: add one, or give an interface an address in its network.`);
  if (q.forwarding === 'route' && path.gateway !== '')
    return bad(
      `${path.address} is behind the router ${path.gateway}: direct return needs it in a network of this machine.`,
    );
  if (error !== '')
    return bad(
      `${who} does not accept a connection (${error}): start the service there, or correct address, port or its firewall.`,
    );
  if (path.returns === 'no')
    return bad(
      `${who} answers this machine, but what it sends to clients of other networks takes another way: set its default gateway to ${own}, or ${q.layer === 'l4' ? 'switch Source NAT on' : 'switch L7 Transparency off'}.`,
    );
  const answered = path.reachable
    ? `${who} answers within ${path.milliseconds} ms`
    : `${path.address} is reached by ${path.link}`;
  if (q.forwarding === 'route')
    return {
      good: true,
      sentence: `${answered}; it must hold ${q.address} on its loopback and answers clients itself.`,
    };
  if (path.returns === 'unneeded')
    return { good: true, sentence: `${answered} and sees ${seen}, so its answers come back here.` };
  if (path.returns === 'yes')
    return { good: true, sentence: `${answered}, sees the client and answers through this machine.` };
  return {
    good: true,
    sentence: `${answered}; whether its answers come back here cannot be tried with ${q.protocol.toUpperCase()}.`,
  };
}

/** The address a server sees, as the truth table of a LoadMaster has it; own is ours on the way to it. */
function sourceSeen(q: PathQuestion, own: string): string {
  if (serverSeesClient(q)) return 'client';
  return q.layer === 'l7' && !q.subnetOriginating ? q.address : own;
}

function hopsOf(q: PathQuestion, server: string, seen: string): Hop[] {
  const inward = { from: 'client', to: 'balancer', source: 'client', target: q.address };
  if (q.forwarding === 'route')
    return [
      inward,
      { from: 'balancer', to: 'server', source: 'client', target: q.address },
      { from: 'server', to: 'client', source: q.address, target: 'client' },
    ];
  return [
    inward,
    { from: 'balancer', to: 'server', source: seen, target: server },
    { from: 'server', to: 'balancer', source: server, target: seen },
    { from: 'balancer', to: 'client', source: q.address, target: 'client' },
  ];
}

interface Way {
  link: string;
  gateway: string;
  /** Our address on that way. */
  source: string;
}

async function wayTo(address: string): Promise<Way | undefined> {
  const ran = await run('ip', ['-j', 'route', 'get', address]);
  if (ran.code !== 0) return undefined;
  const [route] = JSON.parse(ran.out || '[]') as { dev?: string; gateway?: string; prefsrc?: string; type?: string }[];
  if (!route?.dev || route.type === 'unreachable') return undefined;
  return { link: route.dev, gateway: route.gateway ?? '', source: route.prefsrc ?? '' };
}

/** `error` is empty when the connection was accepted. */
function tryConnect(
  host: string,
  port: number,
  localAddress?: string,
): Promise<{ error: string; milliseconds: number }> {
  const start = performance.now();
  return new Promise(done => {
    const socket = connect({ host, port, ...(localAddress && { localAddress }) });
    const end = (error: string) => {
      socket.destroy();
      done({ error, milliseconds: Math.max(1, Math.round(performance.now() - start)) });
    };
    socket.setTimeout(PATIENCE, () => end(`no answer within ${PATIENCE / 1_000} s`));
    socket.on('connect', () => end(''));
    socket.on('error', error => end(WORDS[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message));
  });
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
};

/** Does another machine of the network answer for this address? Not asked when it is ours already. */
async function judgeAddress(address: string): Promise<PathReport['address']> {
  const links = parseLinks((await run('ip', ['-j', 'address', 'show'])).out);
  const ours = links.some(link => link.addresses.some(held => canonical(held.address) === canonical(address)));
  if (ours) return { good: true, sentence: `${address} is an address of this machine.` };
  const link = linkFor(address, links);
  if (!link)
    return {
      good: false,
      sentence: `${address} is in the network of no interface: clients reach it only if a router sends it here.`,
    };
  const holder = address.includes(':') ? await holderSix(address, link) : await holderFour(address, link);
  if (holder)
    return {
      good: false,
      sentence: `${address} is already used by another machine (${holder}): choose another address, or free it there.`,
    };
  return { good: true, sentence: `${address} is free in the network of ${link}.` };
}

async function holderFour(address: string, link: string): Promise<string> {
  const ran = await run('arping', ['-D', '-c', '2', '-w', '2', '-I', link, address], 5_000);
  return /\[([0-9A-Fa-f:]{17})\]/.exec(ran.out)?.[1]?.toLowerCase() ?? '';
}

async function holderSix(address: string, link: string): Promise<string> {
  const ran = await run('ndisc6', ['-1', '-q', '-w', '1000', '-r', '2', address, link], 5_000);
  return /^([0-9A-Fa-f:]{17})\s*$/m.exec(ran.out)?.[1]?.toLowerCase() ?? '';
}
