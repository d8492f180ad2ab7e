/**
 * BaseManager: a server process that has objects, which any number of processes, also on other machines, use through
 * proxies. As Python's `multiprocessing.managers.BaseManager`.
 *
 * Here is the life of the manager as its program sees it: started, or connected, or serving by itself. What the server
 * does is in server.ts and host.ts, how a call gets there in client.ts.
 */
import { anything, checkArgument, checkOptions, milliseconds, optionsObject } from '../base/arguments.ts';
import { blocking, inLoop, type BothForms } from '../base/both-forms.ts';
import type { Wait } from '../base/deadline.ts';
import { ArgumentError, ProcessError } from '../base/errors.ts';
import { checkAddress, textOf, type Address } from '../connection/socket/address.ts';
import { keyBytes } from '../connection/socket/handshake.ts';
import { addon } from '../native/addon.ts';
import { programKey } from '../process/authkey.ts';
import { checkProcessOptions, type ProcessOptions } from '../process/options.ts';
import type { Process } from '../process/process.ts';
import type { Client } from './client.ts';
import { clientFor } from './connections.ts';
import { Factories } from './factories.ts';
import { openingLink, type Link } from './link.ts';
import { Request } from './protocol.ts';
import { ManagerServer } from './manager-server.ts';
import type { BaseProxy } from './proxy.ts';
import { definitionsOf, registerType } from './registered-types.ts';
import { Server } from './server.ts';
import { addressOf, startServerProcess, type StartedServer } from './server-process.ts';
import type { Creators, Definitions, Factory, RegisterOptions } from './types.ts';

export interface ManagerOptions {
	/**
	 * Where the server is, or will be, reached: the path of a Unix socket, or `{ host, port }` for TCP (port 0: a free
	 * one).
	 * @default a name that only this machine knows
	 */
	address?: Address | undefined;
	/** Who has it is fully trusted. @default a random one that the processes started by this program have too */
	authkey?: string | Uint8Array | undefined;
	/** How the server process is started: a Context or a start method's name. */
	context?: ProcessOptions['context'];
	/**
	 * What the server may take to end by itself at `shutdown()`, in milliseconds, before it is terminated, and then to
	 * be terminated, before it is killed. @default 1000
	 */
	shutdownTimeout?: number | undefined;
}

type State = 'initial' | 'started' | 'connected' | 'shutdown';

const kinds = { address: anything, authkey: anything, context: anything, shutdownTimeout: milliseconds };

export class BaseManager implements AsyncDisposable {
	#state: State = 'initial';
	#address: Address | undefined;
	readonly #authkey: Uint8Array;
	readonly #context: ProcessOptions['context'];
	readonly #shutdownTimeoutMs: number;
	#process: Process | undefined;
	#client: Client | undefined;

	constructor(options: ManagerOptions = {}) {
		checkOptions(options, { owner: `new ${new.target.name}()`, kinds, example: `new ${new.target.name}({ address, authkey })` });
		this.#address = options.address === undefined ? undefined : checkAddress(options.address);
		this.#authkey = keyBytes(options.authkey) ?? programKey();
		checkProcessOptions({ context: options.context });
		this.#context = options.context;
		this.#shutdownTimeoutMs = options.shutdownTimeout ?? 1000;
	}

	// --- types ---

	/**
	 * Names a type of objects: instances get a method of that name, which creates one in the server and gives its
	 * proxy.
	 *
	 * @param factory - an exported class, or an exported function that returns an object; left out in a client, which
	 * needs only the name
	 */
	static register(typeid: string, factory?: Factory, options: RegisterOptions = {}): void {
		registerType(this, typeid, { factory, options });
	}

	/**
	 * A subclass with these types registered, whose instances have typed methods for them: `class M extends
	 * BaseManager.with({ Counter }) {}`.
	 */
	static with<D extends Definitions, M extends typeof BaseManager>(
		this: M,
		definitions: D,
	): Omit<M, 'prototype'> & (new (options?: ManagerOptions) => InstanceType<M> & Creators<D>) {
		checkArgument(`the types of ${this.name}.with()`, definitions, optionsObject);
		const Base = this as typeof BaseManager;
		const Subclass = class extends Base {};
		Object.defineProperty(Subclass, 'name', { value: this.name, configurable: true });
		for (const [typeid, given] of Object.entries(definitions)) {
			if (typeof given === 'function' || given === undefined) Subclass.register(typeid, given);
			else {
				checkArgument(`\`${typeid}\` of ${this.name}.with()`, given, optionsObject);
				Subclass.register(typeid, given.factory, { exposed: given.exposed, proxy: given.proxy });
			}
		}
		return Subclass as never;
	}

	/** @internal Whether the server makes the objects of a SyncManager. */
	static readonly isSync: boolean = false;

	// --- life ---

	/**
	 * Starts the server in a process of its own. It ends with this one.
	 *
	 * @param initializer - an exported function that the server calls before it serves
	 * @throws what the initializer throws; ProcessError when the manager was started before; ERR_NPROCS_EADDRINUSE
	 */
	async start(initializer?: (...args: never[]) => unknown, initargs: readonly unknown[] = []): Promise<this> {
		const started = this.#launch(initializer, initargs);
		try {
			this.#address = await addressOf(started);
			this.#use(await inLoop(openingLink(this.#address, this.#authkey)));
		} catch (error) {
			this.#state = 'initial';
			if (started.process.isAlive()) started.process.kill();
			throw error;
		}
		return this;
	}

	#launch(initializer: ((...args: never[]) => unknown) | undefined, initargs: readonly unknown[]): StartedServer {
		this.#expectInitial('start');
		if (initializer !== undefined && typeof initializer !== 'function') {
			throw new ArgumentError('Expected the initializer of a manager to be a function.');
		}
		const { isSync, name } = this.constructor as typeof BaseManager;
		const started = startServerProcess({
			name,
			address: this.#address ?? newAddress(),
			authkey: this.#authkey,
			context: this.#context,
			definitions: definitionsOf(this.constructor),
			isSync,
			initializer,
			initargs,
		});
		this.#process = started.process;
		this.#state = 'started';
		return started;
	}

	#use(link: Link): void {
		this.#client = clientFor({ address: this.#address!, authkey: this.#authkey, uid: link.uid }, link);
	}

	/**
	 * Connects to a server that another program has started, or another process of this one. @throws
	 * AuthenticationError when the keys differ
	 */
	connect(): Promise<this> {
		return inLoop(this.#connecting());
	}

	/** As `connect`, but blocks this thread. */
	connectSync(): this {
		return blocking(this.#connecting());
	}

	*#connecting(): BothForms<this> {
		this.#expectInitial('connect');
		if (this.#address === undefined) throw new ArgumentError('Cannot connect to a manager without its address: give it to the constructor.');
		this.#use(yield* openingLink(this.#address, this.#authkey));
		this.#state = 'connected';
		return this;
	}

	/**
	 * A server in this very process: `await manager.getServer().serveForever()`. Factories may then be any functions.
	 */
	getServer(): ManagerServer {
		this.#expectInitial('serve');
		const { isSync } = this.constructor as typeof BaseManager;
		const factories = new Factories({ isSync });
		for (const definition of definitionsOf(this.constructor)) {
			if (definition.factory !== undefined) factories.add(definition, definition.factory);
		}
		this.#state = 'started';
		return new ManagerServer(new Server({ address: (this.#address ??= newAddress()), authkey: this.#authkey, factories }));
	}

	/**
	 * Ends the server that was started here: tells it to end, terminates it when it does not in time, kills it when
	 * that does not help. A manager that is only connected gives its connection up. Idempotent.
	 */
	async shutdown(): Promise<void> {
		const client = this.#client;
		const child = this.#process;
		const mayAsk = this.#state === 'started' && client !== undefined && !client.isDead;
		if (this.#state !== 'initial') this.#state = 'shutdown';
		if (child === undefined) return;
		const close = (): void => client?.close(`The manager's server at ${textOf(this.#address!)} was shut down.`);
		if (mayAsk) void client.request(Request.shutdown, 'shutdown', []).then(close, close);
		if (!mayAsk || !(await child.join(this.#shutdownTimeoutMs))) await this.#end(child);
		close();
	}

	async #end(child: Process): Promise<void> {
		child.terminate();
		if (await child.join(this.#shutdownTimeoutMs)) return;
		child.kill();
		await child.join();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}

	/** Waits until the server process has ended: true; false when the time is up first. */
	async join(wait?: Wait): Promise<boolean> {
		return this.#ownProcess().join(wait);
	}

	/** As `join`, but blocks this thread. */
	joinSync(wait?: Wait): boolean {
		return this.#ownProcess().joinSync(wait);
	}

	#ownProcess(): Process {
		if (this.#process === undefined) throw stateError('wait for the server of the manager', 'this object has not started it');
		return this.#process;
	}

	/** Where the server is reached. */
	get address(): Address | undefined {
		return this.#address;
	}

	get authkey(): Uint8Array {
		return this.#authkey;
	}

	/** The server's process, if this object has started it. */
	get process(): Process | undefined {
		return this.#process;
	}

	// --- objects ---

	/** Makes an object of a registered type in the server, and gives a proxy for it. */
	async create(typeid: string, ...args: unknown[]): Promise<BaseProxy> {
		const client = this.#connected();
		return (await client.request(Request.create, typeid, [typeid, args])) as BaseProxy;
	}

	/** As `create`, but blocks this thread. */
	createSync(typeid: string, ...args: unknown[]): BaseProxy {
		return this.#connected().requestSync(Request.create, typeid, [typeid, args]) as BaseProxy;
	}

	/** How many objects the server has. As Python's `_number_of_objects`. */
	async numberOfObjects(): Promise<number> {
		return (await this.#connected().request(Request.count, 'numberOfObjects', [])) as number;
	}

	#connected(): Client {
		if (this.#client === undefined || this.#state === 'shutdown') {
			throw stateError('use the manager', this.#state === 'initial' ? 'call `start()` or `connect()` first' : 'it was shut down');
		}
		return this.#client;
	}

	#expectInitial(what: string): void {
		if (this.#state === 'initial') return;
		throw stateError(`${what} the manager`, this.#state === 'shutdown' ? 'it was shut down' : 'it was started or connected already');
	}

	[Symbol.for('nodejs.util.inspect.custom')](): string {
		const where = this.#address === undefined ? '' : ` address=${textOf(this.#address)}`;
		const pid = this.#process?.pid === undefined ? '' : ` pid=${this.#process.pid}`;
		return `<${this.constructor.name} ${this.#state}${where}${pid}>`;
	}
}

/** Nothing of it lies in the file system: a killed server leaves nothing behind. */
function newAddress(): Address {
	return `\0nprocs-manager-${addon().random64()}${addon().random64()}`;
}

function stateError(what: string, why: string): ProcessError {
	return new ProcessError(`Cannot ${what}: ${why}.`, { code: 'ERR_NPROCS_MANAGER_STATE' });
}
