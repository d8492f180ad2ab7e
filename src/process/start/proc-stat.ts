/** What /proc says of a process. */
import { readFileSync } from 'node:fs';

export interface ProcStat {
	/** One letter: R runs, S sleeps, D waits for a device, T is stopped, Z is a zombie. */
	readonly state: string;
	/** How long it has run, in clock ticks. */
	readonly ticks: number;
}

/** undefined when there is no such process, or no /proc. */
export function procStat(pid: number): ProcStat | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
		// The program's name, in parentheses, may contain anything.
		const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
		return { state: fields[0]!, ticks: Number(fields[11]) + Number(fields[12]) };
	} catch {
		return undefined;
	}
}

export function isStopped(pid: number): boolean {
	return procStat(pid)?.state === 'T';
}
