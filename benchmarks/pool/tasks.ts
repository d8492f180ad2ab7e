/** What all contenders run. */
export const square = (x: number): number => x * x;

export const echo = <T>(value: T): T => value;

/** Keeps a processor busy for some tens of milliseconds, and allocates nothing. */
export function compute(steps: number): number {
	let state = 1;
	for (let i = 0; i < steps; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
	return state;
}

export type TaskName = 'square' | 'echo' | 'compute';
