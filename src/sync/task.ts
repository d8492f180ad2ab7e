/**
 * Which task of this thread runs: who owns an RLock, and who waits while holding what.
 *
 * JavaScript has no name for "this chain of awaits". Here it is: a task begins with an asynchronous `acquire()` made
 * outside of a task, and is what comes after it:
 *   - what awaits the promise of `acquire()` (or of `hold()`, `run()`) goes on in its task;
 *   - what is awaited inside a task goes on in it;
 *   - an async function that was called from outside of a task, and acquired something before it returned, hands its
 *     task on to who awaits it.
 * A task lives as long as it holds something. Code in no living task belongs to the thread as a whole, as does what
 * `acquireSync()` takes there.
 *
 * An AsyncLocalStorage would not do: entering a context in `acquire()` changes the caller's too, so that a loop which
 * starts tasks would become a part of the first. V8's promise hooks see exactly which promise awaits which. They cost
 * some 50 ns per promise and are on only while something is held asynchronously (and a second longer).
 */
import { promiseHooks } from 'node:v8';
import { setInterval, clearInterval } from '../base/clock.ts';

export class Task {
	/** How many locks it holds, or levels of them. */
	holds = 0;
}

const boundTo = Symbol('nprocs.boundTo');
const runsIn = Symbol('nprocs.runsIn');
const awaits = Symbol('nprocs.awaits');
const settledIn = Symbol('nprocs.settledIn');

interface Marked {
	/** What awaits it runs in this task. */
	[boundTo]?: Task | undefined;
	/** Its reaction runs in this task. */
	[runsIn]?: Task | undefined;
	/** Its reaction waits for this promise, and was made in no task. */
	[awaits]?: Marked | undefined;
	[settledIn]?: Task | undefined;
}

const lingerMs = 1000;
let stopHooks: (() => void) | undefined;
let current: Task | undefined;
let total = 0;
let wasUsed = false;

/** The living task that runs now. */
export function taskNow(): Task | undefined {
	return current !== undefined && current.holds > 0 ? current : undefined;
}

/** For an asynchronous acquire: the task that runs now, or a new one. */
export function taskToHold(): Task {
	wasUsed = true;
	if (stopHooks === undefined) start();
	return taskNow() ?? new Task();
}

/** Who awaits the promise goes on in the task. */
export function bind<P extends Promise<unknown>>(promise: P, task: Task): P {
	(promise as Marked)[boundTo] = task;
	return promise;
}

export function hold(task: Task): void {
	task.holds++;
	total++;
}

export function letGo(task: Task): void {
	task.holds--;
	total--;
}

function start(): void {
	stopHooks = promiseHooks.createHook({
		init: init as (promise: Promise<unknown>, parent: Promise<unknown>) => void,
		before: before as (promise: Promise<unknown>) => void,
		after,
		settled: settled as (promise: Promise<unknown>) => void,
	}) as () => void;
	const timer = setInterval(() => {
		if (total === 0 && !wasUsed) {
			clearInterval(timer);
			stopHooks?.();
			stopHooks = current = undefined;
		}
		wasUsed = false;
	}, lingerMs).unref();
}

function init(promise: Marked, parent: Marked | undefined): void {
	const task = parent?.[boundTo] ?? taskNow();
	if (task !== undefined) promise[runsIn] = task;
	else if (parent !== undefined) promise[awaits] = parent;
}

function before(promise: Marked): void {
	current = promise[runsIn];
	const awaited = promise[awaits];
	if (awaited === undefined) return;
	promise[awaits] = undefined;
	current = awaited[settledIn];
}

function after(): void {
	current = undefined;
}

function settled(promise: Marked): void {
	if (current !== undefined && current.holds > 0) promise[settledIn] = current;
}
