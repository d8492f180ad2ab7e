/**
 * Processes that are in the midst of their end. The kernel closes what a process had open one after the other, and its
 * shared memory last, of which it had given up the addresses first. So whoever sees that its connection is closed, and
 * looks for garbage at once, finds its segments held still.
 */
import { nowMs } from '../base/clock.ts';
import { isReadable, sleepSync } from '../native/descriptor.ts';
import { hasMemory } from '../process/start/proc-stat.ts';

/**
 * Waits until those children, and the parent of this process, have ended that are about to; for others that have only
 * closed their connections it does not wait.
 */
export function awaitDying(children: ReadonlyMap<number, { readonly pid: number }>): void {
	const endMs = nowMs() + patienceMs;
	for (const [pidfd, { pid }] of children) if (!hasMemory(pid)) isReadable(pidfd, Math.max(0, endMs - nowMs()));
	for (const { ppid } = process; process.ppid === ppid && !hasMemory(ppid) && nowMs() < endMs;) sleepSync(1);
}

/** Nobody waits for this: the program has ended. */
const patienceMs = 5000;
