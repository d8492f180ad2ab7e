/**
 * How other processes have ended, as far as this one can know. Who starts processes (children.ts) knows of its own; it
 * says so here, for layers below that come upon the pid of one that is gone.
 */

export interface Ending {
	/** As `Process.exitCode`: negative when a signal ended it. */
	readonly exitCode: number;
}

/**
 * `'unknown yet'`: a child of this process, about which the kernel or the forkserver has yet to tell. undefined:
 * nothing is known of it.
 */
type Asked = Ending | 'unknown yet' | undefined;

let ask: (pid: number) => Asked = () => undefined;

/** Called once, by who knows. */
export function registerEndings(endings: (pid: number) => Asked): void {
	ask = endings;
}

export function endingOf(pid: number): Asked {
	return ask(pid);
}
