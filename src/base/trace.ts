/** `NODE_DEBUG=nprocs` shows what the library does, one line a step. Costs nothing when it is off. */
import { debuglog } from 'node:util';

export const trace: (message: string, ...values: unknown[]) => void = debuglog('nprocs');
