/**
 * Signals to the launcher are meant for the ranks. Those that a terminal sends (Ctrl-C) it sends to its whole
 * foreground group, ranks included: passed on, a rank would get them twice, and its handler that is there once would be
 * gone the second time.
 */
import { procStat } from '../../process/start/proc-stat.ts';
import type { JobWatch } from './watch.ts';

const passed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
const ofTerminals: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/** Returns what takes it back. */
export function passSignalsTo(watch: JobWatch): () => void {
	const listeners = passed.map((signal) => {
		const listener = (): void => {
			if (ofTerminals.has(signal) && procStat(process.pid)?.isInForeground === true) watch.noteSignal(signal);
			else watch.pass(signal);
		};
		process.on(signal, listener);
		return () => process.removeListener(signal, listener);
	});
	return () => listeners.forEach((remove) => remove());
}
