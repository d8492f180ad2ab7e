/**
 * Named moments in the code that works on shared memory. A test sets a hook and kills the process, stops it, or lets
 * another one run, at each of them; without a hook they cost a comparison.
 */
export type StepHook = (label: string) => void;

let hook: StepHook | undefined;

export function step(label: string): void {
	if (hook !== undefined) hook(label);
}

export function setStepHook(newHook: StepHook | undefined): void {
	hook = newHook;
}
