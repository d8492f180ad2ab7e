/**
 * Proxies: what a program holds of an object that lives in a manager's server. Here is what all have in common;
 * proxies/ has the classes of a SyncManager's objects, auto-proxy.ts makes those for the classes of the program.
 *
 * A proxy is one counted reference: the server keeps the object for as long as there is one anywhere. It ends with
 * `using`, with the proxy's garbage collection, or with its process.
 */
import { inspect } from 'node:util';
import { isOf, type Kind } from '../base/arguments.ts';
import { either, type BothForms } from '../base/both-forms.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, ClosedError } from '../base/errors.ts';
import { toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { insideHandle } from './crossing.ts';
import { packFunction } from './functions.ts';
import type { MethodSpec } from './methods.ts';
import type { Described, SignalPlace } from './protocol.ts';

export interface CallOptions {
	/** When the caller gives up. */
	readonly deadline?: Deadline;
	/** Whether the server ends the call by that time itself, so that it knows the outcome. */
	readonly isServersToo?: boolean;
	/** What takes back the call's effect when its answer comes too late. */
	readonly undo?: string;
	readonly signalPlace?: SignalPlace;
}

/** A call of a method, on its way to the object. */
export interface MethodCall {
	readonly method: string;
	readonly args: readonly unknown[];
	readonly options?: CallOptions | undefined;
}

/** The way to the object. */
export interface Transport {
	/** Of the server. */
	readonly uid: string;
	call(id: number, call: MethodCall): Promise<unknown>;
	callSync(id: number, call: MethodCall): unknown;
	/** For a proxy that is sent by other ways than its manager's. */
	outsideHandle(proxy: Held): Handle;
	/** The proxy's reference is not needed any more. */
	letGo(proxy: Held): void;
	/** Whether functions need not be packed: the object is in this process. */
	readonly isHere: boolean;
}

/** See outside.ts. */
export interface OutsideReference {
	readonly name: string;
	close(): void;
}

/** A proxy's reference. */
export interface Held {
	readonly transport: Transport;
	readonly described: Described;
	/** Whether the server counts it for this client's session. */
	isCounted: boolean;
	/** Names the reference while it is on its way to other processes; see outside.ts. */
	outside?: OutsideReference | undefined;
	isReleased?: boolean;
	/** What it last looked like. */
	shown: string;
}

const collected = new FinalizationRegistry<Held>((held) => letGo(held));

function letGo(held: Held): void {
	if (held.isReleased === true) return;
	held.isReleased = true;
	held.transport.letGo(held);
}

/** The reference behind a proxy. */
export let heldBy: (proxy: BaseProxy) => Held;

const aReference: Kind = { what: 'a reference', has: (value) => typeof (value as Held).transport.letGo === 'function' };

export class BaseProxy implements Shareable, Disposable, AsyncDisposable {
	readonly #held: Held;

	/** Made by the library only. */
	constructor(held: Held) {
		if (!isOf(aReference, held))
			throw new ArgumentError(`Cannot make a ${new.target.name} by itself: a manager makes it, for an object that its server has.`);
		this.#held = held;
		collected.register(this, held, held);
	}

	/**
	 * Calls a method by its name. As Python's `_callmethod`. `wait` is the caller's patience; what the method waits for
	 * is among its arguments.
	 */
	async callMethod(name: string, args: readonly unknown[] = [], wait?: Wait): Promise<unknown> {
		return makeCall(this, { method: name, args, options: wait === undefined ? undefined : { deadline: Deadline.from(wait) } });
	}

	/** As `callMethod`, but blocks this thread. */
	callMethodSync(name: string, args: readonly unknown[] = [], wait?: Wait): unknown {
		return makeCallSync(this, { method: name, args, options: wait === undefined ? undefined : { deadline: Deadline.from(wait) } });
	}

	/** Whether both stand for the same object. */
	is(other: unknown): boolean {
		if (typeof other !== 'object' || other === null || !(other instanceof BaseProxy)) return false;
		const [a, b] = [this.#held, heldBy(other)];
		return a.transport.uid === b.transport.uid && a.described.id === b.described.id;
	}

	/**
	 * Gives the reference up; the object lives while others have one. Idempotent. An object that has a method of this
	 * name is let go of with `using`.
	 */
	close(): void {
		this[Symbol.dispose]();
	}

	/** Whether this process has given the reference up. */
	get closed(): boolean {
		return heldBy(this).isReleased === true;
	}

	/** As `close`. */
	[Symbol.dispose](): void {
		const held = heldBy(this);
		collected.unregister(held);
		letGo(held);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this[Symbol.dispose]();
	}

	[toHandle](): Handle {
		const held = this.#held;
		checkHeld(held);
		return insideHandle(held.transport.uid, held.described.id) ?? held.transport.outsideHandle(held);
	}

	[inspect.custom](): string {
		const { described, shown, isReleased } = heldBy(this); // Node's inspect() calls it on a Proxy around it, too
		if (isReleased === true) return `<${described.kind} '${described.typeid}' #${described.id} closed>`;
		return `<${described.kind} '${described.typeid}' #${described.id} ${shown}>`;
	}

	toString(): string {
		return this[inspect.custom]();
	}

	static {
		// A Proxy around a proxy (proxies/namespace-proxy.ts) answers for it.
		heldBy = (proxy) => (#held in proxy ? proxy.#held : (proxy as unknown as { [heldOf]: Held })[heldOf]);
	}
}

/** Where something that stands for a proxy has the reference of that. */
export const heldOf: unique symbol = Symbol('nprocs.heldOf') as never;

function checkHeld({ isReleased, described }: Held): void {
	if (isReleased === true) throw new ClosedError(`This ${described.kind} is closed: this process has given its reference up.`);
}

export function callRemote(proxy: BaseProxy, method: string, args: readonly unknown[]): Promise<unknown> {
	return makeCall(proxy, { method, args });
}

/** As `callRemote`, but blocks this thread. */
export function callRemoteSync(proxy: BaseProxy, method: string, args: readonly unknown[]): unknown {
	return makeCallSync(proxy, { method, args });
}

/** As `callRemote`, with options. */
export function makeCall(proxy: BaseProxy, call: MethodCall): Promise<unknown> {
	const held = heldBy(proxy);
	try {
		checkHeld(held);
		return held.transport.call(held.described.id, call);
	} catch (error) {
		return Promise.reject(error as Error);
	}
}

export function makeCallSync(proxy: BaseProxy, call: MethodCall): unknown {
	const held = heldBy(proxy);
	checkHeld(held);
	return held.transport.callSync(held.described.id, call);
}

/** Calls a method of which it is known what its arguments are. */
export function callSpecified(proxy: BaseProxy, method: SpecifiedMethod, given: readonly unknown[]): Promise<unknown> {
	try {
		const result = makeCall(proxy, prepare(proxy, method, given));
		return method.spec.shows === true ? result.then((value) => nowShows(proxy, value)) : result;
	} catch (error) {
		return Promise.reject(error as Error);
	}
}

/** As `callSpecified`, but blocks this thread. */
export function callSpecifiedSync(proxy: BaseProxy, method: SpecifiedMethod, given: readonly unknown[]): unknown {
	const result = makeCallSync(proxy, prepare(proxy, method, given));
	return method.spec.shows === true ? nowShows(proxy, result) : result;
}

/** The step of an operation in which it makes such a call. */
export function calling(proxy: BaseProxy, method: SpecifiedMethod, given: readonly unknown[]): BothForms<unknown> {
	return either(
		() => callSpecified(proxy, method, given),
		() => callSpecifiedSync(proxy, method, given),
	);
}

interface SpecifiedMethod {
	readonly name: string;
	readonly spec: MethodSpec;
}

function prepare(proxy: BaseProxy, { name: method, spec }: SpecifiedMethod, given: readonly unknown[]): MethodCall {
	const { wait, fn, undo } = spec;
	if (wait === undefined && fn === undefined) return { method, args: given };
	const args = [...given];
	if (fn !== undefined && !(spec.mayLackFn === true && args[fn] === undefined)) args[fn] = packed(proxy, args[fn], method);
	if (wait === undefined) return { method, args };
	const deadline = Deadline.from(args[wait] as Wait | undefined);
	args[wait] = timeoutOf(deadline);
	return { method, args, options: { deadline, isServersToo: true, ...(undo !== undefined && { undo }) } };
}

function packed(proxy: BaseProxy, fn: unknown, name: string): unknown {
	if (!heldBy(proxy).transport.isHere) return packFunction(fn, name);
	if (typeof fn !== 'function') throw new ArgumentError(`Expected ${name}() to be given a function.`);
	return fn;
}

/** As the server wants it. */
function timeoutOf(deadline: Deadline): number | undefined {
	if (deadline.isImmediate) return 0;
	const left = deadline.remaining();
	return left === Infinity ? undefined : left;
}

/** What was learned of the object. */
function nowShows(proxy: BaseProxy, content: unknown): unknown {
	heldBy(proxy).shown = show(content);
	return content;
}

const mostShown = 200;

/** A value in one line. Never throws: its own `inspect` may. */
export function show(value: unknown): string {
	try {
		const text = inspect(value, { depth: 1, maxArrayLength: 10, maxStringLength: 80, breakLength: Infinity });
		return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
	} catch {
		return '(cannot be shown)';
	}
}
