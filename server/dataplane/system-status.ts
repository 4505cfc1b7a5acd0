import type { SystemStatus } from '../schema/status.ts';
import type { MachineLoad } from './machine.ts';
import type { Observation } from './observe.ts';
import type { Objects } from './status.ts';
import { NO_TRAFFIC, still } from './traffic.ts';

/** The appliance as a whole: all services together, and the machine. */
export class SystemMeter {
  #last: SystemStatus = {
    ...NO_TRAFFIC,
    cpu: 0,
    memoryUsed: 0,
    memoryTotal: 0,
    networkIn: 0,
    networkOut: 0,
    tlsRate: 0,
  };
  /** Handshakes of the worker that was seen last. */
  #tls: { total: number; time: number; pid: number } | undefined;

  get last(): SystemStatus {
    return this.#last;
  }

  read(seen: Observation | undefined, load: Omit<MachineLoad, 'links'>, { services }: Objects): void {
    if (!seen) {
      this.#last = { ...still(this.#last), ...load, tlsRate: 0 };
      return;
    }
    const sum = (pick: (service: Objects['services'][number]) => number) =>
      services.reduce((total, service) => total + pick(service), 0);
    this.#last = {
      ...load,
      tlsRate: this.#tlsRate(seen),
      connections: sum(s => s.connections),
      connectionRate: sum(s => s.connectionRate),
      requestRate: sum(s => s.requestRate),
      inRate: sum(s => s.inRate),
      outRate: sum(s => s.outRate),
      totalConnections: sum(s => s.totalConnections),
      totalRequests: sum(s => s.totalRequests),
      totalIn: sum(s => s.totalIn),
      totalOut: sum(s => s.totalOut),
    };
  }

  #tlsRate({ time, info: { pid, sslConnections } }: Observation): number {
    const last = this.#tls;
    this.#tls = { total: sslConnections, time, pid };
    if (last?.pid !== pid) return 0;
    const seconds = Math.max((time - last.time) / 1000, 0.05);
    return Math.round((10 * Math.max(0, sslConnections - last.total)) / seconds) / 10;
  }
}
