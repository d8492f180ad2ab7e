/**
 * SIGUSR1 opens the debugger of a Node process. Node has a thread for that, which a forked process lacks; so the event
 * loop does it there. Each process has a port of its own, which it prints.
 */
import { constants } from 'node:os';
import { addon } from '../../native/addon.ts';
import { processState } from '../current.ts';

/** To be called in a process that is going to be forked, before the program's code runs, or in a forked process. */
export function openDebuggerAtSignal(): void {
	if (!isPrepared) addon().onSignal(constants.signals.SIGUSR1, open);
	isPrepared = true;
}

let isPrepared = false;

function open(): void {
	// A handler of the program's takes the place of Node's.
	if (processState().role === 'forkserver' || process.listenerCount('SIGUSR1') > 0) return;
	const inspector = process.getBuiltinModule('node:inspector');
	if (inspector.url() === undefined) inspector.open(0);
}
