/** Loaded before a program that was started by `npx nprocs run`, in a Node without helper threads: `fork` is allowed there. */
import { trackPendingWork } from './fork-hygiene.ts';
import { allowFork } from './start-method.ts';

trackPendingWork();
allowFork();
