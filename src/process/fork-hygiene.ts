/**
 * A forked process has copies of its parent's pending timers and ticks, which are the parent's to run. Node has no way to list them, so a
 * program that may fork (`npx nprocs run`) keeps account of them from its start. Its timers are called through a barrier: a fork inside of one
 * unwinds the copy's stack no further than that, and Node's loop over the timers ends as it should.
 */
import { addon } from '../native/addon.ts';

type Callback = (...args: unknown[]) => void;
type Schedule = (callback: Callback, ...rest: unknown[]) => object;

const pending = new Set<object>();
/** Counted up in a forked process, by the addon. What was scheduled in an earlier generation is the parent's. */
export const generation: Uint32Array = new Uint32Array(1);

/** To be called before the program's code runs. */
export function trackPendingWork(): void {
	const timers = globalThis as unknown as Record<string, Schedule>;
	for (const name of ['setTimeout', 'setImmediate']) {
		timers[name] = keepProperties(timers[name] as Schedule, (schedule) => (callback, ...rest) => {
			const isOver = bornNow();
			const handle = schedule(
				(...args) => {
					if (pending.delete(handle) && !isOver()) addon().callBarrier(() => callback(...args));
				},
				...rest,
			);
			pending.add(handle);
			return handle;
		});
	}
	timers['setInterval'] = keepProperties(timers['setInterval'] as Schedule, (schedule) => (callback, ...rest) => {
		const isOver = bornNow();
		const handle = schedule(
			(...args) => {
				if (!isOver()) addon().callBarrier(() => callback(...args));
			},
			...rest,
		);
		pending.add(handle);
		return handle;
	});
	for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
		const clear = timers[name] as unknown as (handle: object) => void;
		timers[name] = ((handle: object) => {
			pending.delete(handle);
			clear(handle);
		}) as unknown as Schedule;
	}
	const nextTick = process.nextTick.bind(process) as unknown as (callback: Callback, ...args: unknown[]) => void;
	process.nextTick = ((callback: Callback, ...args: unknown[]) => {
		const isOver = bornNow();
		nextTick(() => {
			if (!isOver()) callback(...args);
		});
	}) as typeof process.nextTick;
}

/** In the forked process. */
export function dropPendingWork(): void {
	for (const handle of pending) {
		clearTimeout(handle as NodeJS.Timeout);
		clearImmediate(handle as NodeJS.Immediate);
	}
	pending.clear();
}

/** Tells, later, whether this is a process that was forked in the meantime. */
function bornNow(): () => boolean {
	const born = generation[0];
	return () => generation[0] !== born;
}

/** `util.promisify` and others find what they need on the function itself. */
function keepProperties(original: Schedule, wrap: (schedule: Schedule) => Schedule): Schedule {
	return Object.defineProperties(wrap(original), Object.getOwnPropertyDescriptors(original)) as Schedule;
}
