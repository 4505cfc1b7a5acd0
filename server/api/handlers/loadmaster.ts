import type { Call } from '../call.ts';

export const listLoadMasterCommands = ({ services }: Call) => services.loadMasterCommands;
