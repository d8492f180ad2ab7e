/**
 * A process that is about to end stays for as long as others need something that ends with it, but not for ever: in its
 * event loop if it has nothing left to do; after `process.exit()` and errors it sleeps.
 */
import { atExit, exitStep, whenIdle } from './at-exit.ts';
import { forkHook, forkStep } from './at-fork.ts';
import { setTimeout, nowMs } from './clock.ts';

/** Returns what takes it back. */
export function lingerWhile(isNeeded: () => boolean, sleep: (ms: number) => void): () => void {
	if (!isRegistered) {
		forgetAtFork();
		whenIdle(lingerInLoop);
		atExit(exitStep.linger, () => {
			while (mustLinger()) sleep(lookEveryMs);
		});
	}
	isRegistered = true;
	reasons.add(isNeeded);
	lingersUntil = undefined;
	return () => reasons.delete(isNeeded);
}

const lingerMs = 5000;
const lookEveryMs = 10;
const reasons = new Set<() => boolean>();
/** What others need of the original they do not need of a copy. */
const forgetAtFork = forkHook({ step: forkStep.duties, inCopy: () => reasons.clear() });
let isRegistered = false;
let lingersUntil: number | undefined;

function lingerInLoop(): boolean {
	if (!mustLinger()) return false;
	setTimeout(() => {}, lookEveryMs);
	return true;
}

function mustLinger(): boolean {
	if (reasons.size === 0) return false;
	lingersUntil ??= nowMs() + lingerMs;
	return nowMs() < lingersUntil && [...reasons].some((isNeeded) => isNeeded());
}
