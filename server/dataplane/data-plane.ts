import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../compile/proxy.ts';
import type { Paths } from '../paths.ts';
import { type Config, emptyConfig, type Facts } from '../schema/config.ts';
import type { CheckReply, CheckRequest, ControlEvent } from '../schema/control.ts';
import { Fault } from '../schema/faults.ts';
import type { NetworkState } from '../schema/network/state.ts';
import type { ApplyStatus, LinkTraffic, Occurrence, Outcome, Status } from '../schema/status.ts';
import { Addresses } from './addresses.ts';
import { Applier } from './apply.ts';
import { Challenges } from './challenges.ts';
import { CheckHistories } from './check-history.ts';
import { Control } from './control.ts';
import { diagnosis } from './diagnosis.ts';
import { endMachine } from './end-machine.ts';
import { Engine } from './engine.ts';
import { type About, Feed } from './feed.ts';
import { ask } from './haproxy-socket.ts';
import { historyAnswers } from './history/answers.ts';
import { Histories } from './history/histories.ts';
import { Machine } from './machine.ts';
import { BoxFilter } from './network/box-filter.ts';
import { IpNetwork } from './network/ip-network.ts';
import { NetworkKeeper } from './network/keeper.ts';
import { Networkd } from './network/networkd.ts';
import { networkState } from './network/state.ts';
import { type Observation, observe } from './observe.ts';
import { liveOf, withPackets } from './packet-status.ts';
import { Packets } from './packets.ts';
import { Prober } from './prober.ts';
import { ReturnPath } from './return-path.ts';
import { Stapling } from './stapling.ts';
import { join, type Objects, occurrencesBetween } from './status.ts';
import { statusEvent } from './status-event.ts';
import { SystemMeter } from './system-status.ts';
import { tableAnswers, tablesReady } from './tables.ts';
import { toolAnswers } from './tools/answers.ts';
import { Jobs } from './tools/jobs.ts';
import { Totals } from './totals.ts';
import { TrafficMeters } from './traffic.ts';
import { Tries } from './tries.ts';
import { Tuner } from './tuner.ts';
import { updateAnswers } from './update/answers.ts';

const POLL = 1_000;
const LOOK_AFTER = 3_000;
const RESTART_LONGEST = 5_000;
const STALE_AFTER = 10_000;

/** The store as the data plane sees it; both throw when the database cannot be read. */
export interface StoreReader {
  /** The newest revision and its configuration. */
  read: () => { revision: number; config: Config };
  /** Only the newest revision's number: cheap enough to ask every few seconds. */
  head: () => number;
}

/** The privileged process: keeps the engine running on the applied configuration and tells how it is doing. */
export class DataPlane {
  readonly #paths: Paths;
  readonly #store: StoreReader;
  readonly #engine: Engine;
  readonly #applier: Applier;
  readonly #addresses: Addresses;
  readonly #packets: Packets;
  readonly #network: NetworkKeeper;
  readonly #facts: Facts;
  readonly #control: Control;
  readonly #stapling: Stapling;
  readonly #challenges: Challenges;
  readonly #returnPath = new ReturnPath();
  readonly #jobs: Jobs;
  readonly #machine = new Machine();
  readonly #meters = new TrafficMeters();
  readonly #totals: Totals;
  readonly #system = new SystemMeter();
  readonly #histories: Histories;
  readonly #checks = new CheckHistories();
  readonly #prober: Prober;
  readonly #tries: Tries;
  readonly #tuner = new Tuner(() => void this.#observe().catch(() => {}));
  readonly #feed: Feed;
  readonly #say: (text: string) => void;
  /** Why the network of the machine cannot be changed; empty when it can. */
  readonly #power: string;
  #links: LinkTraffic[] = [];
  #objects: Objects = { services: [], servers: [] };
  #apply: ApplyStatus = { state: 'applying', head: 0, applied: 0, since: Date.now() };
  #sent: Status | undefined;
  #version = '';
  #toldRefused = 0;
  #stopped = false;
  #lookedAfter = Date.now();
  #restarting = false;
  #looking: Promise<void> | undefined;
  #headSeen = 0;
  #seenAt = 0;
  #warned = '';
  #tuning = false;
  #steering = false;

  constructor(
    paths: Paths,
    facts: Facts,
    place: Place,
    store: StoreReader,
    power: string,
    say: (text: string) => void,
  ) {
    this.#paths = paths;
    this.#facts = facts;
    this.#store = store;
    this.#say = say;
    this.#power = power;
    this.#feed = new Feed(
      paths.events,
      () => this.#applier.shown,
      occurrence => this.#control.send({ type: 'occurrence', occurrence } satisfies ControlEvent),
      say,
    );
    this.#engine = new Engine(paths, () => this.#restartEngine());
    this.#addresses = new Addresses(paths);
    this.#tries = new Tries(paths);
    this.#jobs = new Jobs(paths.captures);
    this.#histories = new Histories(paths.trafficHistory, Date.now(), text => this.#occur('warning', text));
    this.#totals = new Totals(paths.totals, this.#meters, text => this.#warn(text));
    this.#prober = new Prober(
      command => ask(paths.statsSocket, command),
      (server, result) => this.#checks.add(server, result),
    );
    this.#challenges = new Challenges(paths);
    this.#stapling = new Stapling(paths, facts.loopback, (severity, text) => this.#occur(severity, text));
    this.#packets = new Packets(paths);
    this.#applier = new Applier({
      paths,
      facts,
      place,
      engine: this.#engine,
      addresses: this.#addresses,
      packets: this.#packets,
      powerless: power !== '',
      trouble: text => this.#occur('bad', text),
      takenBack: outcome => this.#tell(outcome),
      // What a worker has counted is known to nobody else once it is gone.
      beforeReload: async next => {
        await tablesReady(paths.statsSocket, next);
        await this.#totals.save();
      },
    });
    this.#network = new NetworkKeeper({
      file: paths.network,
      waitingFile: paths.networkWaiting,
      facts,
      writer: facts.appliance ? new Networkd() : new IpNetwork(paths.networkOwned),
      filter: new BoxFilter(paths.guardTable),
      rest: (config, revision) => this.#applier.apply(config, revision),
      applied: () => this.#applier.applied,
      moved: () => this.#applier.lookAfter(),
      settled: (outcome, reason) => this.#networkSettled(outcome, reason),
      trouble: text => this.#occur('bad', text),
    });
    const leave = () => Promise.allSettled([this.#applier.renew(), this.#totals.save(), this.#histories.write()]);
    this.#control = new Control({
      check: request => this.#check(request),
      network: () => this.#networkState(),
      confirmNetwork: request => this.#network.confirm(request),
      undoNetwork: () => this.#network.undo(),
      power: request => endMachine(request, paths.data, facts.appliance, leave),
      diagnosis: () => diagnosis(paths.live),
      apply: request => this.#applyRevision(request.revision),
      status: () => this.#status(),
      checks: server => this.#checks.read(server),
      tryChecks: request => this.#tries.run(request),
      ...tableAnswers(paths.statsSocket, () => this.#applier.shown),
      ...toolAnswers({
        jobs: this.#jobs,
        statsSocket: paths.statsSocket,
        packets: this.#packets,
        services: () => this.#applier.applied?.compiled.packets.services ?? [],
      }),
      ...updateAnswers(paths, (severity, text) => this.#occur(severity, text)),
      ...historyAnswers(this.#histories, this.#meters),
      challenge: request => this.#challenges.set(request, Date.now()),
      ...this.#feed.answers(),
      path: question => this.#returnPath.check(question),
      first: () => ({ type: 'status', status: statusEvent(undefined, this.#status()) }),
    });
  }

  /** First serves what served last, then asks the database for anything newer. */
  async start(group: number | undefined): Promise<void> {
    await this.#totals.load();
    // Services need the interfaces, and whoever asks at the door waits for them.
    const networkBack = this.#network.start();
    // Whoever holds the door is the only one to touch the engine; what is asked meanwhile waits for its turn.
    await this.#control.listen(this.#paths.controlSocket, group);
    const started = networkBack.then(() => this.#applier.start());
    try {
      [this.#version] = await Promise.all([this.#engine.version(), started]);
    } catch (error) {
      this.#occur('bad', `HAProxy does not start: ${(error as Error).message}`, { critical: true });
      this.#restartEngine();
    }
    this.#setApplied(this.#applier.applied?.revision ?? 0);
    await this.#network.recover().catch(error => this.#occur('bad', (error as Error).message));
    await this.#catchUp();
    this.#poll();
  }

  /** Ends HAProxy and gives back the addresses. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#control.close();
    this.#prober.stop();
    this.#tuner.stop();
    this.#jobs.close();
    await this.#totals.save();
    await this.#histories.close().catch(error => this.#say((error as Error).message));
    await this.#applier.finish();
    await this.#engine.stop(3_000);
    await this.#packets.remove();
    await this.#network.stop();
    await this.#addresses.removeAllBut([]);
    this.#feed.close();
  }

  async #catchUp(): Promise<void> {
    if (this.#stopped) return;
    try {
      const { revision, config } = this.#store.read();
      if (revision === this.#apply.head && this.#apply.state === 'refused') return;
      // Also when the number is the same: a new version may compile it to something else.
      await this.#applyConfig(config, revision);
    } catch (error) {
      // Before the API's first start there is no database, and nothing to miss.
      if (!existsSync(this.#paths.database) && this.#applier.applied?.revision === 0) return;
      this.#occur(
        'warning',
        `The configuration database cannot be read (${(error as Error).message}): the last good configuration serves.`,
      );
    }
  }

  async #check({ config, preview }: CheckRequest): Promise<CheckReply> {
    try {
      await this.#network.check(config, preview === true);
    } catch (error) {
      if (error instanceof Fault) return { accepted: false, fault: error.reply };
      throw error;
    }
    const reply = await this.#applier.check(config, preview === true);
    if (!reply.accepted || !reply.preview) return reply;
    return { accepted: true, preview: await this.#network.previewed(config, reply.preview) };
  }

  async #networkState(): Promise<NetworkState> {
    const { config = emptyConfig(), compiled } = this.#applier.applied ?? {};
    const { unconfirmed, wanted } = this.#network;
    const state = await networkState(config, wanted, compiled?.addresses ?? [], this.#facts.appliance === true);
    return { ...state, ...(unconfirmed && { unconfirmed }) };
  }

  /** A change of the network that waited was confirmed or undone. */
  #networkSettled(outcome: Outcome, reason: string): void {
    if (outcome.state === 'applied') {
      this.#occur('good', `The change of the network of revision ${outcome.revision} was confirmed`);
      this.#control.send({ type: 'outcome', outcome });
      setImmediate(() => this.#observe().catch(() => {}));
    } else {
      this.#occur('warning', `The network is as it was before revision ${outcome.refused}: ${reason}`);
      this.#tell(outcome);
    }
  }

  async #applyRevision(revision: number): Promise<Outcome> {
    const stored = this.#store.read();
    if (stored.revision < revision) throw new Error(`the store is at revision ${stored.revision}, not at ${revision}`);
    return this.#applyConfig(stored.config, stored.revision);
  }

  async #applyConfig(config: Config, revision: number): Promise<Outcome> {
    // Asked how it is going: everybody has been told, and telling again would have them ask again.
    if (this.#network.unconfirmed?.revision === revision) return this.#network.apply(config, revision);
    this.#apply = { ...this.#apply, state: 'applying', head: revision, since: Date.now() };
    const outcome = await this.#network.apply(config, revision);
    // A worker that has just begun knows of no challenge.
    await this.#challenges.agree(Date.now());
    this.#tell(outcome);
    if (outcome.state === 'applied' && outcome.unconfirmed)
      this.#occur('warning', `Revision ${revision} changed the network and waits to be confirmed`);
    return outcome;
  }

  #tell(outcome: Outcome): void {
    if (outcome.state === 'applied') {
      this.#setApplied(outcome.revision);
    } else {
      const { revision, refused, fault } = outcome;
      this.#apply = { state: 'refused', head: refused, applied: revision, since: Date.now(), fault };
      // Who asks again is told again, the log is not.
      if (refused !== this.#toldRefused) this.#occur('bad', `Revision ${refused} was refused: ${fault.message}`);
      this.#toldRefused = refused;
    }
    this.#control.send({ type: 'outcome', outcome });
    // Told at once; looking at the engine again follows within a second or sooner.
    setImmediate(() => this.#observe().catch(() => {}));
  }

  #setApplied(revision: number): void {
    this.#apply = { state: 'live', head: revision, applied: revision, since: Date.now() };
  }

  /** HAProxy is gone although it should run: it is started again at once, then less and less often. */
  async #restartEngine(): Promise<void> {
    if (this.#stopped || this.#restarting) return;
    this.#restarting = true;
    this.#occur('bad', 'HAProxy does not run and is being started', { critical: true });
    let told = '';
    for (let wait = 50; !this.#stopped; wait = Math.min(wait * 2, RESTART_LONGEST)) {
      try {
        await this.#applier.restart();
        this.#occur('good', 'HAProxy runs again');
        break;
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== told) this.#occur('bad', `HAProxy does not start: ${reason}`, { critical: true });
        told = reason;
        await sleep(wait, undefined, { ref: false });
      }
    }
    this.#restarting = false;
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      const started = Date.now();
      await this.#observe().catch(error => this.#say(`looking at the engine failed: ${(error as Error).message}`));
      await this.#applier.endDrains().catch(error => this.#warn((error as Error).message));
      await this.#lookAfter().then(
        () => this.#warn(''),
        error => this.#warn((error as Error).message),
      );
      if (this.#engine.running) await this.#challenges.agree(Date.now());
      const { applied } = this.#applier;
      // Responders may be slow, and nobody waits for them.
      if (applied && this.#engine.running)
        void this.#stapling.look({ stage: applied.stage, files: applied.compiled.proxy.files }, Date.now());
      // A large appliance answers slowly: at most a tenth of the time is spent on asking.
      const took = Date.now() - started;
      await sleep(Math.max(POLL - took, took * 9));
    }
  }

  /** What goes on is told once. */
  #warn(text: string): void {
    if (text !== '' && text !== this.#warned && !this.#stopped) this.#occur('warning', text);
    this.#warned = text;
  }

  /** What nobody told us of: a revision whose apply was lost with its sender, an address that somebody took away. */
  async #lookAfter(): Promise<void> {
    if (Date.now() - this.#lookedAfter < LOOK_AFTER || this.#apply.state === 'applying') return;
    this.#lookedAfter = Date.now();
    if (this.#engine.running) await this.#applier.lookAfter();
    let head = 0;
    try {
      head = this.#store.head();
    } catch {
      // Told at the start, and the API tells it all the time.
    }
    // Seen once it may be about to be asked for; then its sender would be told that there was nothing to do.
    if (head > this.#apply.head && head === this.#headSeen) await this.#catchUp();
    this.#headSeen = head;
    await this.#network.lookAfter();
  }

  /** One look at a time: rates are differences between two looks. */
  #observe(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const [seen, load] = await Promise.all([
      this.#engine.running ? observe(this.#paths).catch(() => undefined) : undefined,
      this.#machine.read(Date.now()),
    ]);
    const now = Date.now();
    if (seen) {
      this.#seenAt = now;
      await this.#steer(seen);
    }
    // For the moment of a reload there may be nobody to ask: what was seen last still holds.
    else if (this.#engine.running && now - this.#seenAt < STALE_AFTER) return;
    const config = this.#applier.shown;
    const before = this.#objects;
    if (seen) {
      this.#prober.agree(config, seen.stats);
      this.#checks.look(config, seen.stats, now);
    }
    this.#objects = join(
      config,
      seen,
      before,
      this.#meters,
      now,
      this.#engine.running,
      id => this.#prober.last(id),
      this.#tuner.load,
    );
    if (seen) void this.#tune(seen, now);
    const { links, ...machine } = load;
    this.#links = links;
    this.#system.read(seen, machine, this.#objects);
    // By the time that the rates are taken by.
    this.#remember(seen?.time ?? now);
    await this.#histories
      .writeWhenDue(now)
      .catch(error => this.#warn(`The history of traffic could not be written: ${error.message}`));
    for (const occurrence of occurrencesBetween(config, before, this.#objects))
      this.#occur(occurrence.severity, occurrence.text, occurrence);
    const status = this.#status();
    this.#control.send({ type: 'status', status: statusEvent(this.#sent, status) });
    this.#sent = status;
    await this.#totals.saveWhenDue(now);
  }

  /** Not waited for: an apply may take its time, and what was seen before it is then of no use. */
  async #tune(seen: Observation, now: number): Promise<void> {
    if (this.#tuning || this.#stopped) return;
    this.#tuning = true;
    const { shown } = this.#applier;
    await this.#applier
      .tune(({ compiled }) => {
        if (this.#applier.shown !== shown) return [];
        return this.#tuner.commands({ config: shown, proxy: compiled.proxy }, seen, this.#objects.servers, now);
      })
      .catch(() => {});
    this.#tuning = false;
  }

  /** Health reaches the kernel, and what the kernel has counted reaches the screen. */
  async #steer(seen: Observation): Promise<void> {
    const services = this.#applier.applied?.compiled.packets.services ?? [];
    if (services.length === 0) return;
    const [counters, open] = await Promise.all([this.#packets.counters(), this.#packets.open()]);
    const live = liveOf(services, seen.stats, open);
    seen.stats = withPackets(seen.stats, services, counters, open);
    // Not waited for: an apply may take its time, and the next look tells it anew.
    if (this.#steering) return;
    this.#steering = true;
    this.#applier
      .steer(live)
      .catch(error => this.#warn(`Health did not reach the kernel: ${(error as Error).message}`))
      .finally(() => {
        this.#steering = false;
      });
  }

  #remember(now: number): void {
    this.#histories.add('system', now, this.#system.last);
    for (const link of this.#links) this.#histories.add(`interface:${link.name}`, now, link);
    for (const service of this.#objects.services) this.#histories.add(`service:${service.id}`, now, service);
    for (const server of this.#objects.servers) this.#histories.add(`server:${server.id}`, now, server);
    this.#histories.keep(
      new Set([
        'system',
        ...this.#links.map(link => `interface:${link.name}`),
        ...this.#objects.services.map(s => `service:${s.id}`),
        ...this.#objects.servers.map(s => `server:${s.id}`),
      ]),
    );
  }

  #status(): Status {
    return {
      time: Date.now(),
      apply: this.#apply,
      engine: {
        running: this.#engine.running,
        version: this.#version,
        startedAt: this.#engine.startedAt,
        reloads: this.#engine.reloads,
      },
      system: this.#system.last,
      links: this.#links,
      ...this.#objects,
      ...(this.#power !== '' && { powerless: this.#power }),
      ...(this.#network.unconfirmed && { unconfirmed: this.#network.unconfirmed }),
    };
  }

  #occur(severity: Occurrence['severity'], text: string, about: About = {}): void {
    this.#feed.occur(severity, text, about);
  }
}
