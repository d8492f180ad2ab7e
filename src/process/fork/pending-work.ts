/**
 * A forked process has copies of its parent's pending timers and ticks, which are the parent's to run. Node has no way
 * to list them, so a program that may fork (`npx nprocs run`) keeps account of them from its start. Its timers are
 * called through a barrier: a fork inside of one unwinds the copy's stack no further than that, and Node's loop over
 * the timers ends as it should.
 *
 * Timers are seen where all of them come by, whoever makes them (the globals, `node:timers`, `node:timers/promises`,
 * Node's own modules): their constructors assign the callback and a mark of whether they are over, which accessors of
 * the prototype notice.
 */
import { atFork, forkStep } from '../../base/at-fork.ts';
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from '../../base/clock.ts';
import { addon, forkState } from '../../native/addon.ts';
import { forkGeneration } from '../../native/shared-numbers.ts';

type Callback = (this: unknown, ...args: unknown[]) => void;

interface Tracked {
	[callbackKey]?: Callback | null;
	[overKey]?: boolean;
}

/** How many forks lie between the program's start and this process. What an earlier one has scheduled is its own. */
export function generation(): number {
	return forkState()[forkGeneration]!;
}

/** To be called before the program's code runs. */
export function trackPendingWork(): void {
	const timeout = setTimeout(() => {});
	clearTimeout(timeout);
	const immediate = setImmediate(() => {});
	clearImmediate(immediate);
	trackMade(Object.getPrototypeOf(timeout) as object, '_onTimeout');
	trackMade(Object.getPrototypeOf(immediate) as object, '_onImmediate');
	const nextTick = process.nextTick.bind(process) as unknown as (callback: Callback, ...args: unknown[]) => void;
	atFork({ step: forkStep.waits, inCopy: dropPendingWork });
	process.nextTick = ((callback: Callback, ...args: unknown[]) => {
		if (typeof callback !== 'function') return nextTick(callback); // which refuses it
		const born = generation();
		nextTick(() => {
			if (generation() === born) callback(...args);
		});
	}) as typeof process.nextTick;
}

/** In the forked process. */
function dropPendingWork(): void {
	for (const timer of pending) {
		clearTimeout(timer as NodeJS.Timeout);
		clearImmediate(timer as NodeJS.Immediate);
	}
	pending.clear();
}

const pending = new Set<object>();
const callbackKey = Symbol('callback');
const overKey = Symbol('over');
/**
 * By this one, Node's http module renews the date that it writes into headers: it belongs to every process that has
 * loaded the module.
 */
const nodesOwn = 'resetCache';

function trackMade(prototype: object, callbackName: string): void {
	Object.defineProperty(prototype, callbackName, {
		configurable: true,
		get(this: Tracked) {
			return this[callbackKey];
		},
		set(this: Tracked, callback: Callback | null) {
			this[callbackKey] = typeof callback === 'function' && callback.name !== nodesOwn ? guarded(callback) : callback;
		},
	});
	Object.defineProperty(prototype, '_destroyed', {
		configurable: true,
		get(this: Tracked) {
			return this[overKey];
		},
		// oxlint-disable-next-line house/no-boolean-parameters -- a setter
		set(this: Tracked, isOver: boolean) {
			this[overKey] = isOver;
			if (isOver || this[callbackKey]?.name === nodesOwn) pending.delete(this);
			else pending.add(this);
		},
	});
}

function guarded(callback: Callback): Callback {
	const born = generation();
	return function (...args) {
		if (generation() === born) addon().callBarrier(() => callback.apply(this, args));
	};
}
