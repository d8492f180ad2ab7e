/**
 * Which chain of awaits of this thread runs: who owns an RLock, and who waits while holding what.
 *
 * What a thread is in Python is a chain of awaits in Node. A chain begins with an asynchronous `acquire()` made
 * outside of a chain, and is what comes after it:
 *   - what awaits the promise of `acquire()` (or of `hold()`, `run()`) goes on in its chain;
 *   - what is awaited inside a chain goes on in it;
 *   - an async function that was called from outside of a chain, and acquired something before it returned, hands its
 *     chain on to who awaits it.
 * A chain lives as long as it holds something. Code in no living chain belongs to the thread as a whole, as does what
 * `acquireSync()` takes there.
 *
 * An AsyncLocalStorage would not do: entering a context in `acquire()` changes the caller's too, so that a loop which
 * starts chains would become a part of the first. V8's promise hooks see exactly which promise awaits which. They cost
 * some 50 ns per promise and are on only while something is held asynchronously (and a second longer).
 */
import { promiseHooks } from 'node:v8';
import { forkHook, forkStep } from '../base/at-fork.ts';
import { setInterval, clearInterval } from '../base/clock.ts';

export class AwaitChain {
	/** How many locks it holds, or levels of them. */
	holds = 0;
}

const boundTo = Symbol('nprocs.boundTo');
const runsIn = Symbol('nprocs.runsIn');
const awaits = Symbol('nprocs.awaits');
const settledIn = Symbol('nprocs.settledIn');

interface Marked {
	/** What awaits it runs in this chain. */
	[boundTo]?: AwaitChain | undefined;
	/** Its reaction runs in this chain. */
	[runsIn]?: AwaitChain | undefined;
	/** Its reaction waits for this promise, and was made in no chain. */
	[awaits]?: Marked | undefined;
	[settledIn]?: AwaitChain | undefined;
}

const lingerMs = 1000;
let stopHooks: (() => void) | undefined;
let timer: NodeJS.Timeout | undefined;
let current: AwaitChain | undefined;
let total = 0;
let wasUsed = false;

/** The living chain that runs now. */
export function currentChain(): AwaitChain | undefined {
	return current !== undefined && current.holds > 0 ? current : undefined;
}

/** For an asynchronous acquire: the chain that runs now, or a new one. */
export function chainToHold(): AwaitChain {
	wasUsed = true;
	if (stopHooks === undefined) start();
	return currentChain() ?? new AwaitChain();
}

/** Who awaits the promise goes on in the chain. */
export function bind<P extends Promise<unknown>>(promise: P, chain: AwaitChain): P {
	(promise as Marked)[boundTo] = chain;
	return promise;
}

export function hold(chain: AwaitChain): void {
	chain.holds++;
	total++;
}

export function letGo(chain: AwaitChain): void {
	chain.holds--;
	total--;
}

function start(): void {
	stopAtFork();
	stopHooks = promiseHooks.createHook({
		init: init as (promise: Promise<unknown>, parent: Promise<unknown>) => void,
		before: before as (promise: Promise<unknown>) => void,
		after,
		settled: settled as (promise: Promise<unknown>) => void,
	}) as () => void;
	timer = setInterval(() => {
		if (total === 0 && !wasUsed) stop();
		wasUsed = false;
	}, lingerMs).unref();
}

function stop(): void {
	clearInterval(timer);
	stopHooks?.();
	timer = stopHooks = current = undefined;
}

/** A copy of this process runs in none of its chains, even if it was forked in one. */
const stopAtFork = forkHook({ step: forkStep.waits, inCopy: stop });

function init(promise: Marked, parent: Marked | undefined): void {
	const chain = parent?.[boundTo] ?? currentChain();
	if (chain !== undefined) promise[runsIn] = chain;
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
