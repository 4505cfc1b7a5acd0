import { pathsOf } from '../paths.ts';
import { Addresses } from './addresses.ts';
import { Engine } from './engine.ts';
import { Packets } from './packets.ts';

/**
 * Ends what a data plane left running when it was killed: HAProxy, and the service addresses that were added. Run by
 * the supervisor when everything is to stop and nobody is there to do it.
 */
const paths = pathsOf(process.env.BALLAST_DATA ?? './data');
await new Engine(paths, () => {}).stop(3_000);
await new Packets(paths).remove();
await new Addresses(paths).removeAllBut([]);
