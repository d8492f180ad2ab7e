/**
 * A thread's connection to one server: calls out, answers in.
 *
 * The connection is made when the first call needs it, in the event loop or blocking, as that call is. It begins as a
 * socket with the proof of the key. On one machine the server then hands over two streams in shared memory (its own for
 * the requests of all clients, one for the answers to this one), and the socket stays open as the *life line*: its
 * hangup is the other's end, however it came, and is noticed at once. Over TCP the same messages go through the socket.
 *
 * Answers are taken by whoever waits: a loop that runs while calls are pending, or a blocked thread, which settles the
 * others' on the way.
 */
import { atFork, forkStep } from '../base/at-fork.ts';
import { atExit, exitStep } from '../base/at-exit.ts';
import { blocking, inLoop, type BothForms } from '../base/both-forms.ts';
import { Deadline } from '../base/deadline.ts';
import { ServerDiedError } from '../base/errors.ts';
import type { Handle } from '../codec/handle.ts';
import { textOf, type Address } from '../connection/socket/address.ts';
import { asThrownHere, Calls, callersOf, graceMs, lateError, type PendingCall, type Site } from './calls.ts';
import type { Addressee } from './crossing.ts';
import type { Taker } from './inlet.ts';
import { flushAll } from './outlet.ts';
import { openingLink, type Link } from './link.ts';
import { keepForCopy, outsideHandle, reclaim } from './outside.ts';
import { makeProxy } from './auto-proxy.ts';
import { ARGUMENTS_FROM, Request, Status, type Described } from './protocol.ts';
import type { BaseProxy, CallOptions, Held, MethodCall, Transport } from './proxy.ts';
import { renamedArgument, renamedPath } from './renamed-path.ts';

export class Client implements Transport, Taker, Addressee {
	readonly address: Address;
	readonly authkey: Uint8Array;
	readonly uid: string;
	readonly isHere = false;
	readonly #calls: Calls;
	#link: Link | undefined;
	#isConnecting = false;
	/** What was asked for before there was a connection. */
	#unsent: ((session: number) => void)[] = [];
	#death: ServerDiedError | undefined;
	/** While answers are awaited in the event loop. */
	#stopReceiving: AbortController | undefined;
	/** The references of this thread's proxies. */
	readonly held = new Set<Held>();

	constructor({ address, authkey, uid }: { address: Address; authkey: Uint8Array; uid: string }, link?: Link) {
		this.address = address;
		this.authkey = authkey;
		this.uid = uid;
		this.#calls = new Calls(
			(number) => this.tell(Request.cancel, [], number),
			() => this.#stopReceiving?.abort(),
		);
		if (link !== undefined) this.#adopt(link);
		clients.add(this);
		prepareForEnds();
	}

	get isDead(): boolean {
		return this.#death !== undefined;
	}

	// --- calls ---

	call(id: number, { method, args, options }: MethodCall): Promise<unknown> {
		return this.#ask([Request.call, id, method, options?.signalPlace, ...args], method, options);
	}

	callSync(id: number, { method, args, options }: MethodCall): unknown {
		return this.#askSync([Request.call, id, method, options?.signalPlace, ...args], method, options);
	}

	/** A request by its name: `create`, `shutdown`, `count`. */
	request(request: number, what: string, rest: readonly unknown[]): Promise<unknown> {
		return this.#ask([request, ...rest], what, undefined);
	}

	requestSync(request: number, what: string, rest: readonly unknown[]): unknown {
		return this.#askSync([request, ...rest], what, undefined);
	}

	/** Without an answer; after everything that was asked before. */
	tell(request: number, rest: readonly unknown[], number = 0): void {
		if (this.#death !== undefined) return;
		this.#whenConnected((session) => this.#link!.outlet.post([session, number, request, ...rest]));
	}

	/** Returns when the server has it, or will have it whatever becomes of this thread. */
	tellSync(request: number, rest: readonly unknown[]): void {
		this.#connectSync();
		this.tell(request, rest);
		this.#link!.outlet.flushSync(this.#checkAlive);
	}

	#ask(message: readonly unknown[], method: string, options: CallOptions | undefined): Promise<unknown> {
		if (this.#death !== undefined) return Promise.reject(this.#deathOf(method));
		const number = this.#calls.next();
		const site = this.#calls.site();
		return new Promise((settle, fail) => {
			this.#calls.add(number, { id: message[1] as number, method, settle, fail, site, options });
			try {
				this.#post(number, message);
			} catch (error) {
				this.#calls.take(number);
				return fail(error);
			}
			if (options?.deadline !== undefined) this.#calls.watch(number, options.deadline);
			if (this.#stopReceiving === undefined && this.#link !== undefined) void this.#receive(this.#link);
		});
	}

	#post(number: number, message: readonly unknown[]): void {
		try {
			const link = this.#link;
			if (link !== undefined) link.outlet.post([link.session, number, ...message]);
			else this.#whenConnected((session) => this.#link!.outlet.post([session, number, ...message]));
		} catch (error) {
			throw message[0] === Request.call ? renamedArgument(error, ARGUMENTS_FROM) : renamedPath(error, ['value[4]', 'args']);
		}
	}

	#askSync(message: readonly unknown[], method: string, options: CallOptions | undefined): unknown {
		this.#connectSync();
		const link = this.#link!;
		const number = this.#calls.next();
		let outcome: { value: unknown } | { error: unknown } | { thrown: unknown } | undefined;
		const settle = (value: unknown): void => void (outcome = { value });
		const fail = (error: unknown): void => void (outcome = { error });
		const threw = (thrown: unknown): void => void (outcome = { thrown });
		this.#calls.add(number, { id: message[1] as number, method, settle, fail, threw, site: undefined, options });
		try {
			this.#post(number, message);
			link.outlet.flushSync(this.#checkAlive);
			link.receiveSync(() => outcome !== undefined, later(options), this.#checkAlive);
			if (outcome === undefined) {
				this.#calls.abandon(number);
				throw lateError({ method });
			}
		} catch (error) {
			throw this.#death === undefined ? error : this.#deathOf(method);
		}
		if ('error' in outcome) throw outcome.error;
		if ('thrown' in outcome) throw asThrownHere(outcome.thrown, { method, site: this.#calls.site() });
		return (outcome as { value: unknown }).value;
	}

	// --- connection ---

	#whenConnected(send: (session: number) => void): void {
		if (this.#link !== undefined) return send(this.#link.session);
		this.#unsent.push(send);
		if (!this.#isConnecting) void this.#connect();
	}

	async #connect(): Promise<void> {
		this.#isConnecting = true;
		await inLoop(this.#connecting());
		this.#isConnecting = false;
	}

	#connectSync(): void {
		if (this.#link === undefined && this.#death === undefined) blocking(this.#connecting());
		if (this.#death !== undefined) throw this.#deathOf();
	}

	*#connecting(): BothForms<void> {
		try {
			const link = yield* openingLink(this.address, this.authkey);
			// Meanwhile a blocking call may have needed one.
			if (this.#link !== undefined || this.#death !== undefined) link.close();
			else this.#adopt(link);
		} catch (error) {
			this.#die(unreachable(this.address, error));
		}
	}

	#adopt(link: Link): void {
		if (link.uid !== this.uid) {
			link.close();
			return this.#die(new ServerDiedError(`The manager's server at ${textOf(this.address)} has ended: another one has taken its place.`));
		}
		this.#link = link;
		link.begin(this, () => this.#hangUp(link));
		link.outlet.post([link.session, 0, Request.introduce, process.pid]);
		for (const send of this.#unsent.splice(0)) send(link.session);
		if (this.#calls.areAwaited && this.#stopReceiving === undefined) void this.#receive(link);
	}

	async #receive(link: Link): Promise<void> {
		const stop = (this.#stopReceiving = new AbortController());
		const until = Deadline.from(stop.signal);
		try {
			await Promise.resolve(); // calls that are made at once are sent at once
			while (this.#calls.areAwaited && link === this.#link) {
				flushAll();
				await link.receive(until);
			}
		} catch {
			if (!stop.signal.aborted) this.#hangUp(link);
		}
		if (this.#stopReceiving === stop) this.#stopReceiving = undefined;
	}

	/** What the server has answered before its end counts. */
	#hangUp(link: Link): void {
		if (link !== this.#link) return;
		link.drain();
		this.#die(
			new ServerDiedError(
				`The manager's server at ${textOf(this.address)} has ended, and what it held with it. Start a manager again and create the objects anew.`,
			),
		);
	}

	#die(reason: ServerDiedError): void {
		if (this.#death !== undefined) return;
		this.#death = reason;
		this.#link?.close();
		this.#link = undefined;
		this.#unsent = [];
		clients.delete(this);
		this.#calls.failAll(({ method, site }) => this.#deathOf(method, site));
	}

	#deathOf(method?: string, site?: Site): ServerDiedError {
		const { message, cause } = this.#death!;
		const during = method === undefined ? '' : ` (${method}() was called.)`;
		const error = new ServerDiedError(message + during, cause === undefined ? {} : { cause });
		if (site !== undefined) error.stack = `ServerDiedError: ${error.message}\n${callersOf(site)}`;
		return error;
	}

	readonly #checkAlive = (): void => {
		const link = this.#link;
		if (link?.hasHungUp() === true) this.#hangUp(link);
		if (this.#death !== undefined) throw this.#deathOf();
	};

	/** This thread is done with the server: references and locks are given up. */
	close(why = `The connection to the manager at ${textOf(this.address)} was closed by this process.`): void {
		this.#link?.outlet.flush();
		this.#die(new ServerDiedError(why));
	}

	// --- answers ---

	take([number, status, value]: unknown[]): void {
		const call = this.#calls.take(number as number);
		if (call === undefined) return;
		if (status === Status.threw) (call.threw ?? call.fail)(call.threw === undefined ? asThrownHere(value, call) : value);
		else if (status === Status.cancelled) call.fail(call.givenUp?.reason);
		else this.#returned(call, value);
	}

	#returned({ isOver, settle, options, id }: PendingCall, value: unknown): void {
		if (isOver !== true) settle(value);
		else if (options?.undo !== undefined && value !== false) this.tell(Request.call, [id, options.undo, undefined, value]);
	}

	refuse([number]: unknown[], error: unknown): void {
		this.#calls.take(number as number)?.fail(error);
	}

	// --- proxies ---

	refer(id: number): number {
		return id;
	}

	open(data: Described | number): BaseProxy {
		if (typeof data === 'number') throw new Error('nprocs bug: a client was sent a number in the place of a proxy');
		return this.hold({ described: data, isCounted: true });
	}

	/** A proxy for a reference. */
	hold(reference: Pick<Held, 'described' | 'isCounted' | 'outside'>): BaseProxy {
		const held: Held = { transport: this, shown: reference.described.shown, ...reference };
		this.held.add(held);
		return makeProxy(held);
	}

	outsideHandle(held: Held): Handle {
		return outsideHandle(this, held);
	}

	letGo(held: Held): void {
		this.held.delete(held);
		held.outside?.close();
		if (held.isCounted) this.tell(Request.release, [held.described.id]);
	}

	/** In a forked copy of the process: the connection is the parent's. */
	forget(): void {
		this.#link?.close();
		this.#link = undefined;
		this.#isConnecting = false;
		this.#unsent = [];
		this.#stopReceiving = undefined;
		this.#calls.forget();
		for (const held of this.held)
			reclaim(held, (request, rest) => this.#unsent.push((session) => this.#link!.outlet.post([session, 0, request, ...rest])));
	}
}

/** Those that live, of this thread. */
const clients = new Set<Client>();
let isPrepared = false;

function prepareForEnds(): void {
	if (isPrepared) return;
	isPrepared = true;
	atFork({
		step: forkStep.connections,
		before: () => clients.forEach(keepForCopy),
		inCopy: () => clients.forEach((client) => client.forget()),
	});
	atExit(exitStep.disconnect, () => clients.forEach((client) => client.close()));
}

/** A server that is to end the call by its deadline is given some time more. */
function later(options: CallOptions | undefined): Deadline {
	const deadline = options?.deadline;
	if (deadline === undefined || deadline.at === Infinity) return Deadline.never;
	return Deadline.from(deadline.remaining() + (options?.isServersToo === true ? graceMs : 0));
}

function unreachable(address: Address, cause: unknown): ServerDiedError {
	return new ServerDiedError(`The manager's server at ${textOf(address)} cannot be reached: ${(cause as Error).message}`, { cause });
}
