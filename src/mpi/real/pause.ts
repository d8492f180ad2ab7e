/** The thread sleeps for so many milliseconds: nothing of this process runs, and others have the processor. */
export function pause(ms: number): void {
	Atomics.wait(nothing, 0, 0, ms);
}

const nothing = new Int32Array(new SharedArrayBuffer(4));
