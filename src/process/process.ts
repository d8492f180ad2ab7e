/**
 * `Process`: a real process that runs a function or its own `run()`, as Python's `multiprocessing.Process`.
 *
 * The object is the same under all start methods. Here are the rules and the life of the object; how a child is made is
 * in start.ts and the launchers, what it does there in child-run.ts.
 */
import { inspect } from 'node:util';
import type { Readable } from 'node:stream';
import { describe } from '../base/arguments.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, ClosedError, ProcessError } from '../base/errors.ts';
import { until } from '../wait/until.ts';
import type { Waitable } from '../wait/waitable.ts';
import { addChild, type StartedChild } from './children.ts';
import { nextIdentity, placeInTree, processState, withoutCounting } from './current.ts';
import { exitCodeText } from '../base/exit-status.ts';
import { isNamedTarget, type NamedTarget } from './reference/named-target.ts';
import { checkProcessOptions, type ProcessArguments, type ProcessOptions } from './options.ts';
import { SelfHandle, signals, type ProcessHandle } from './process-handle.ts';
import { Sentinel } from './sentinel.ts';
import { startChild } from './start.ts';
import { importReference, referenceTo, type AnyFunction } from './reference/target.ts';

type Kind = 'child' | 'parent' | 'self';

export interface ProcessDescription {
	readonly name: string;
	readonly daemon: boolean;
	readonly options: ProcessOptions;
}

/**
 * For child-run.ts: makes the Process object of this process or of its parent, without running a subclass's
 * constructor.
 */
export let makeProcess: (
	subclass: typeof Process,
	description: ProcessDescription,
	who: { kind: Kind; handle: ProcessHandle | undefined },
) => Process;

/** For those who look after many processes: what a started one stands for. */
export let handleOf: (process: Process) => ProcessHandle;

export class Process<A extends unknown[] = unknown[]> {
	#name: string;
	#daemon: boolean;
	#options: ProcessOptions<A>;
	readonly #identity: readonly number[];
	readonly #creatorPid: number = process.pid;
	#kind: Kind = 'child';
	#handle: ProcessHandle | undefined;
	#started: StartedChild | undefined;
	#sentinel: Sentinel | undefined;
	#isClosed = false;

	/** Only describes the process; `start()` makes it. See ProcessOptions. */
	constructor(...[options = {}]: ProcessArguments<A>) {
		checkProcessOptions(options);
		const place = placeInTree();
		this.#options = options;
		this.#identity = nextIdentity();
		this.#name = options.name ?? `${new.target.name}-${this.#identity.join(':')}`;
		this.#daemon = options.daemon ?? place.daemon;
	}

	/** What the process does. A subclass overrides it; this one calls `target(...args)`. */
	run(): unknown {
		const { target, args = [] as unknown as A } = this.#options;
		if (isNamedTarget(target)) return runNamed(target, args);
		return target?.(...args); // called by itself, for the sake of its stack trace
	}

	/**
	 * Starts the process and returns at once, with `pid` set. Throws, and starts nothing, when the target cannot be
	 * imported elsewhere (NotImportableError), an argument cannot be sent (SerializationError), or a rule forbids it
	 * (ProcessError).
	 */
	start(): this {
		this.#checkOpen();
		if (this.#handle !== undefined) throw new ProcessError('Cannot start a process twice: make another Process object.');
		if (this.#creatorPid !== process.pid) throw new ProcessError('Cannot start a Process object that another process has made.');
		if (placeInTree().daemon && !this.#daemon) {
			throw new ProcessError(
				'A daemon process cannot start a process that is not a daemon: it ends with its parent, and nobody would be left to join its children. Give { daemon: true }.',
				{
					code: 'ERR_NPROCS_DAEMON_CHILD',
				},
			);
		}
		const started = startChild({
			name: this.#name,
			daemon: this.#daemon,
			identity: this.#identity,
			options: this.#options as ProcessOptions<unknown[]>,
			object: this,
			baseClass: Process as unknown as AnyFunction,
			runAsSelf: () => this.#runAsSelf(),
		});
		this.#started = started;
		this.#handle = started.handle;
		addChild({ process: this, ...started, isDaemon: this.#daemon });
		this.#options = {}; // the target and its arguments can be collected now
		return this;
	}

	/** Waits until the process has ended: true; false when the time is over first. */
	async join(wait?: Wait): Promise<boolean> {
		const handle = this.#joinable();
		const deadline = Deadline.from(wait);
		if (handle.poll() !== undefined) return true;
		if (deadline.remaining() === 0) return false;
		const release = handle.hold();
		try {
			return await until(deadline, (onEvent) => handle.onExit(onEvent));
		} finally {
			release();
		}
	}

	/** As `join`, blocking this thread. */
	joinSync(wait?: Wait): boolean {
		const handle = this.#joinable();
		return handle.waitSync(Deadline.from(wait).remaining()) !== undefined;
	}

	isAlive(): boolean {
		this.#checkOpen();
		return this.#handle !== undefined && !this.#handle.hasEnded();
	}

	/**
	 * Sends SIGTERM. Does nothing when the process has ended. Throws (`ERR_NPROCS_NO_ACCESS`, EPERM) when this process
	 * may not signal that one any more.
	 */
	terminate(): void {
		// oxlint-disable-next-line prefer-rest-params -- no parameter: a signal's name given here would be taken for one
		this.#signal(signals.SIGTERM, 'terminate', arguments);
	}

	/** Sends SIGKILL, which no process can refuse. */
	kill(): void {
		this.#signal(signals.SIGKILL, 'kill', arguments);
	}

	/** Sends SIGINT, as Ctrl-C at a terminal does. */
	interrupt(): void {
		this.#signal(signals.SIGINT, 'interrupt', arguments);
	}

	/** Frees what the object holds. The process must have ended. Name and `inspect` form stay readable. */
	close(): void {
		if (this.#kind === 'self') return;
		if (this.#handle !== undefined && !this.#handle.hasEnded()) {
			throw new ProcessError(`Cannot close ${this.#name} while it is running: join() or terminate() it first.`, {
				code: 'ERR_NPROCS_PROCESS_RUNNING',
			});
		}
		this.#isClosed = true;
		this.#handle = undefined;
	}

	/** As `close`; a process that still runs is terminated and joined. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.#isClosed && this.#handle !== undefined && this.#kind === 'child') {
			this.#handle.signal(signals.SIGTERM);
			await this.join();
		}
		this.close();
	}

	get name(): string {
		return this.#name;
	}

	set name(name: string) {
		if (typeof name !== 'string') throw new ArgumentError(`Expected \`name\` to be a string, got ${typeof name}.`);
		this.#name = name;
	}

	get daemon(): boolean {
		return this.#daemon;
	}

	set daemon(daemon: boolean) {
		if (typeof daemon !== 'boolean') throw new ArgumentError(`Expected \`daemon\` to be a boolean, got ${typeof daemon}.`);
		if (this.#handle !== undefined || this.#isClosed) throw new ProcessError('Cannot change `daemon`: the process has already started.');
		this.#daemon = daemon;
	}

	/** Undefined before `start()`. */
	get pid(): number | undefined {
		this.#checkOpen();
		return this.#handle?.pid;
	}

	/**
	 * null while it runs and before it is started; minus the signal's number when a signal ended it; 255 when nobody
	 * can tell. Of `currentProcess()` and `parentProcess()` always null, as in Python: only a parent learns how its
	 * child has ended.
	 */
	get exitCode(): number | null {
		this.#checkOpen();
		return this.#kind === 'child' ? (this.#handle?.poll() ?? null) : null;
	}

	/** Ready when the process has ended; for `wait()`. */
	get sentinel(): Waitable {
		const handle = this.#joinable();
		return (this.#sentinel ??= new Sentinel(handle));
	}

	/** What the process writes, with `stdio: 'pipe'`; else null. */
	get stdout(): Readable | null {
		return this.#started?.stdout ?? null;
	}

	get stderr(): Readable | null {
		return this.#started?.stderr ?? null;
	}

	[inspect.custom](): string {
		return this.toString();
	}

	/** As Python's `repr`: `<Process name='Process-1' pid=12 parent=3 stopped exitcode=-SIGTERM daemon>`. */
	toString(): string {
		const words = [`<${this.#label()} name='${this.#name}'`];
		if (this.#handle !== undefined) words.push(`pid=${this.#handle.pid}`);
		if (this.#kind !== 'parent') words.push(`parent=${this.#parentPid()}`);
		words.push(this.#status());
		if (this.#daemon) words.push('daemon');
		return `${words.join(' ')}>`;
	}

	#runAsSelf(): unknown {
		this.#kind = 'self';
		this.#handle = new SelfHandle();
		processState().self = this;
		return this.run();
	}

	#label(): string {
		if (this.#kind === 'self' && placeInTree().identity.length === 0) return placeInTree().name;
		return this.#kind === 'parent' ? 'ParentProcess' : this.constructor.name;
	}

	#parentPid(): string {
		if (this.#kind === 'child') return String(this.#creatorPid);
		return String(placeInTree().parent?.pid ?? 'None');
	}

	#status(): string {
		if (this.#isClosed) return 'closed';
		if (this.#handle === undefined) return 'initial';
		const exitCode = this.#handle.poll();
		if (exitCode === undefined) return 'started';
		return this.#kind === 'parent' ? 'stopped' : `stopped exitcode=${exitCodeText(exitCode)}`;
	}

	#signal(signum: number, verb: 'terminate' | 'kill' | 'interrupt', given: ArrayLike<unknown>): void {
		if (given.length > 0) throw takesNoSignal(verb, given[0]);
		this.#checkOpen();
		if (this.#handle === undefined)
			throw new ProcessError(`Cannot ${verb} ${this.#name}: it has not been started.`, { code: 'ERR_NPROCS_PROCESS_NOT_STARTED' });
		this.#handle.signal(signum);
	}

	#joinable(): ProcessHandle {
		this.#checkOpen();
		if (this.#kind === 'self') throw new ProcessError('A process cannot wait for its own end.');
		if (this.#handle === undefined)
			throw new ProcessError(`Cannot wait for ${this.#name}: it has not been started.`, { code: 'ERR_NPROCS_PROCESS_NOT_STARTED' });
		if (this.#creatorPid !== process.pid) throw new ProcessError(`Cannot wait for ${this.#name}: only the process that started it can.`);
		return this.#handle;
	}

	#checkOpen(): void {
		if (this.#isClosed) throw new ClosedError(`The process object ${this.#name} is closed.`);
	}

	static {
		handleOf = (process) => process.#joinable();
		makeProcess = (subclass, description, { kind, handle }) => {
			const made = withoutCounting(() => Reflect.construct(Process, [description.options], subclass) as Process);
			made.#name = description.name;
			made.#daemon = description.daemon;
			made.#kind = kind;
			made.#handle = handle;
			return made;
		};
	}
}

/** Where nobody has imported it: in a copy of this very process, or when the program calls `run()` by itself. */
async function runNamed(target: NamedTarget, args: readonly unknown[]): Promise<unknown> {
	const fn = await importReference(referenceTo(target, 'target'));
	return fn(...(args as never[]));
}

/**
 * As Node's `ChildProcess.kill(signal)` does: sending another signal than the one that was asked for would be worse.
 */
function takesNoSignal(verb: 'terminate' | 'kill' | 'interrupt', given: unknown): ArgumentError {
	const signal = { terminate: 'SIGTERM', kill: 'SIGKILL', interrupt: 'SIGINT' }[verb];
	const wanted = typeof given === 'string' || typeof given === 'number' ? inspect(given) : "'SIGUSR2'";
	return new ArgumentError(
		`Cannot give ${verb}() an argument (${describe(given)}): it sends ${signal} and nothing else. To send another signal, write process.kill(p.pid, ${wanted}).`,
	);
}
