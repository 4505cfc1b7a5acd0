import type { PacketService } from '../../compile/nftables/packets.ts';
import { Fault } from '../../schema/faults.ts';
import type { ToolRun } from '../../schema/tools.ts';
import { isConnectionKey, isToolRequest } from '../../schema/tools-check.ts';
import type { Answers } from '../control.ts';
import type { Packets } from '../packets.ts';
import { dropConnection, listConnections, listNeighbours } from './connections.ts';
import type { Jobs } from './jobs.ts';
import { refuseUnknown } from './refuse.ts';

interface Parts {
  jobs: Jobs;
  statsSocket: string;
  packets: Pick<Packets, 'drop'>;
  /** What the kernel forwards now. */
  services: () => readonly PacketService[];
}

type Answered = 'runTool' | 'toolRun' | 'stopTool' | 'capture' | 'connections' | 'dropConnection' | 'neighbours';

/** What the door answers about tools and connections. */
export const toolAnswers = ({ jobs, statsSocket, packets, services }: Parts): Pick<Answers, Answered> => ({
  runTool: async request => {
    if (!isToolRequest(request)) throw new Error('no request of a tool');
    try {
      await refuseUnknown(request);
      return { run: jobs.start(request) };
    } catch (error) {
      if (error instanceof Fault) return { fault: error.reply };
      throw error;
    }
  },
  toolRun: id => replyOf(jobs.get(id)),
  stopTool: id => replyOf(jobs.stop(id)),
  capture: id => jobs.capture(id),
  connections: asked => listConnections(statsSocket, services(), asked),
  dropConnection: async key => ({
    dropped: isConnectionKey(key) && (await dropConnection(statsSocket, packets, key)),
  }),
  neighbours: () => listNeighbours(),
});

const replyOf = (run: ToolRun | undefined) => (run ? { run } : {});
