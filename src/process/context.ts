/** Contexts: the library's functions with a fixed start method. As Python's `get_context()`. */
import { JoinableQueue } from '../queue/joinable-queue.ts';
import { Pipe } from '../connection/pipe.ts';
import { Queue } from '../queue/queue.ts';
import { SimpleQueue } from '../queue/simple-queue.ts';
import { Barrier } from '../sync/barrier.ts';
import { Condition } from '../sync/condition.ts';
import { Event } from '../sync/event.ts';
import { Lock } from '../sync/lock.ts';
import { RLock } from '../sync/rlock.ts';
import { BoundedSemaphore, Semaphore } from '../sync/semaphore.ts';
import { SharedArray } from '../shared/shared-array.ts';
import { Value } from '../shared/value.ts';
import { activeChildren, currentProcess, parentProcess } from './who-am-i.ts';
import { cpuCount } from './cpu-count.ts';
import { isOf, strings } from '../base/arguments.ts';
import { ProcessError, ArgumentError } from '../base/errors.ts';
import { processState } from './current.ts';
import { checkProcessOptions, type ProcessArguments, type ProcessOptions } from './options.ts';
import { Process } from './process.ts';
import { checkStartMethod, getAllStartMethods, getStartMethod, setStartMethod, type StartMethod } from './start/method.ts';

export class Context {
	/** Undefined in the default context, which follows `setStartMethod`. */
	readonly method: StartMethod | undefined;
	/** `new context.Process(options)` makes a Process that is started by this context's method. */
	readonly Process: new <A extends unknown[] = unknown[]>(...args: ProcessArguments<A>) => Process<A>;

	// Shared objects work with every start method, so these are the same classes everywhere; Python's programs take
	// them from a context.
	readonly Lock: typeof Lock = Lock;
	readonly RLock: typeof RLock = RLock;
	readonly Semaphore: typeof Semaphore = Semaphore;
	readonly BoundedSemaphore: typeof BoundedSemaphore = BoundedSemaphore;
	readonly Condition: typeof Condition = Condition;
	readonly Event: typeof Event = Event;
	readonly Barrier: typeof Barrier = Barrier;
	readonly Value: typeof Value = Value;
	readonly SharedArray: typeof SharedArray = SharedArray;
	readonly Queue: typeof Queue = Queue;
	readonly JoinableQueue: typeof JoinableQueue = JoinableQueue;
	readonly SimpleQueue: typeof SimpleQueue = SimpleQueue;
	readonly Pipe: typeof Pipe = Pipe;

	constructor(method: StartMethod | undefined) {
		this.method = method;
		const bind = (options: ProcessOptions = {}): Process => {
			checkProcessOptions(options);
			return new Process({ ...options, context: this });
		};
		this.Process = function (options: never) {
			return bind(options);
		} as unknown as Context['Process'];
		Object.defineProperty(this.Process, 'prototype', { value: Process.prototype });
	}

	getStartMethod(): StartMethod {
		return this.method ?? getStartMethod();
	}

	/** Only for the default context; the method of a concrete one is fixed. */
	setStartMethod(method: StartMethod | undefined, options?: { force?: boolean }): void {
		if (this.method !== undefined)
			throw new ProcessError(`Cannot set the start method of the context for '${this.method}'.`, { code: 'ERR_NPROCS_START_METHOD' });
		setStartMethod(method, options);
	}

	/** Without an argument: this context itself. */
	getContext(method?: StartMethod): Context {
		return method === undefined ? this : getContext(method);
	}

	getAllStartMethods(): StartMethod[] {
		return getAllStartMethods();
	}

	setForkserverPreload(modules: readonly string[]): void {
		setForkserverPreload(modules);
	}

	currentProcess(): Process {
		return currentProcess();
	}

	parentProcess(): Process | null {
		return parentProcess();
	}

	activeChildren(): Process[] {
		return activeChildren();
	}

	cpuCount(): number {
		return cpuCount();
	}
}

/** The context of a start method; without an argument, the default one. Throws when the method cannot work here. */
export function getContext(method?: StartMethod): Context {
	const key = method === undefined ? undefined : checkStartMethod(method);
	let context = contexts.get(key);
	if (context === undefined) contexts.set(key, (context = new Context(key)));
	return context;
}

const contexts = new Map<StartMethod | undefined, Context>();

/**
 * Modules (URLs or absolute paths) that the forkserver imports when it starts, so that no process has to. To be called
 * before the first process is started. What cannot be imported is left to the processes. As Python's
 * `set_forkserver_preload`.
 */
export function setForkserverPreload(modules: readonly string[]): void {
	if (!isOf(strings, modules)) {
		throw new ArgumentError('Expected setForkserverPreload() to be given an array of strings: URLs or absolute paths of modules.');
	}
	processState().preload = [...modules];
}
