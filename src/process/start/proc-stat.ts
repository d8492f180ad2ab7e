/** What /proc says of a process. */
import { readFileSync } from 'node:fs';

export interface ProcStat {
	/** One letter: R runs, S sleeps, D waits for a device, T is stopped, Z is a zombie. */
	readonly state: string;
	/** How long it has run, in clock ticks. */
	readonly ticks: number;
	/** Whether it belongs to the foreground group of a terminal, which sends its signals to all of that group. */
	readonly isInForeground: boolean;
	/** Of its addresses. A process that is about to end, or has ended, has none. */
	readonly memoryBytes: number;
}

/** undefined when there is no such process, or no /proc. */
export function procStat(pid: number): ProcStat | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
		// The program's name, in parentheses, may contain anything.
		const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
		const [state = '', , group, , terminal, foregroundGroup] = fields;
		return {
			state,
			ticks: Number(fields[11]) + Number(fields[12]),
			isInForeground: terminal !== '0' && group === foregroundGroup,
			memoryBytes: Number(fields[20]),
		};
	} catch {
		return undefined;
	}
}

export function isStopped(pid: number): boolean {
	return procStat(pid)?.state === 'T';
}

/** False when it is in the midst of its end. True also of one of which nothing is known. */
export function hasMemory(pid: number): boolean {
	return procStat(pid)?.memoryBytes !== 0;
}
