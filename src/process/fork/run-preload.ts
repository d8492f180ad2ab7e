/**
 * Loaded before a program that was started by `npx nprocs run`, in a Node without helper threads: `fork` is allowed
 * there.
 */
import v8 from 'node:v8';
import { trackPendingWork } from './pending-work.ts';
import { prepareProcessState } from '../forked/state.ts';
import { allowFork } from '../start/method.ts';
import { hookFatalErrors } from '../start/uncaught.ts';

// This flag is for the program itself only: what it spawns is an ordinary Node process, and must not believe that it
// may fork.
process.execArgv = process.execArgv.filter((flag) => flag !== `--import=${import.meta.url}` && flag !== '--no-lazy');
v8.setFlagsFromString('--lazy');

trackPendingWork();
prepareProcessState();
hookFatalErrors();
allowFork();
