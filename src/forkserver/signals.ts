/**
 * Signals in the forkserver. Ctrl-C and the like go to all processes of the program, and it is not the one to end by
 * them: those without a handler are ignored. Modules that are imported here may install handlers, as servers and
 * loggers do. These are for the children, which inherit them; the forkserver itself calls none of them.
 */
import { constants } from 'node:os';
import { addon } from '../native/addon.ts';
import { processState } from '../process/current.ts';

/** To be called before modules are imported. */
export function ignoreSignals(): void {
	ignoreUnhandled();
	const emit = process.emit.bind(process) as (event: string | symbol, ...args: unknown[]) => boolean;
	// A handler of a signal is called by the `process.emit` that there is when it is installed.
	process.emit = ((event: string | symbol, ...args: unknown[]) =>
		processState().role === 'forkserver' && typeof event === 'string' && event in constants.signals
			? false
			: emit(event, ...args)) as typeof process.emit;
}

/** To be called when a module has been imported, which may have taken handlers back. */
export function ignoreUnhandled(): void {
	const { SIGINT, SIGTERM, SIGHUP } = constants.signals;
	for (const signal of [SIGINT, SIGTERM, SIGHUP]) addon().ignoreSignal(signal);
}
