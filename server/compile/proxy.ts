/** HAProxy's configuration as values: what the compiler makes, the planner compares and render() prints. */
export interface ProxySet {
  sections: Section[];
  /** Other files of the stage by name relative to it, such as `certs/c5.pem`. */
  files: Record<string, string>;
}

export interface Section {
  kind: 'global' | 'defaults' | 'peers' | 'cache' | 'frontend' | 'backend';
  /** A generated id such as `vs12`; empty for global and defaults. */
  name: string;
  /** Finished lines, every value quoted. */
  lines: string[];
  servers: Server[];
}

/** A server line, kept as values because HAProxy can change these without a reload. */
export interface Server {
  /** A generated id such as `rs34`. */
  name: string;
  address: string;
  port: number;
  /** The port is a distance from the port the client came to. */
  moved?: true;
  /** 0..256; 0 takes only clients that persistence sends. */
  weight: number;
  /** 0: no limit. */
  maxconn: number;
  admin: 'ready' | 'maint';
  /** The other words of the line. */
  options: string[];
  /** May be added while HAProxy runs. */
  dynamic: boolean;
}

/** What the compiler must know of the place where HAProxy will run. Paths are absolute. */
export interface Place {
  statsSocket: string;
  stateFile: string;
  /** Abstract socket on which a new process fetches the persistence tables of the old one; unlike a path, a chroot does not hide it. */
  peersSocket: string;
  /** Connections HAProxy may hold, limited by the open files the system allows. */
  maxconn: number;
  /** HAProxy's version, such as 2.6. */
  engine: number;
}
