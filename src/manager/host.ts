/**
 * The part of a server that has the objects: creates them, calls them, answers. server.ts brings the requests.
 *
 * It is one thread, so what a call does until it first waits is atomic, and the calls of one client on one object begin
 * in the order in which they came. A method that returns a promise holds up nobody. A call with a function from a
 * module that is not loaded yet waits for the import, and the client's later calls on the same object wait for it.
 */
import { ClosedError, NprocsError } from '../base/errors.ts';
import { decode } from '../codec/decode.ts';
import { encodeThrown } from '../codec/encode.ts';
import { toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { makeProxy } from './auto-proxy.ts';
import { Call, pending, type Settle } from './call.ts';
import { insideHandle } from './crossing.ts';
import { checkObject, referentFor, type Factories } from './factories.ts';
import { isPacked, unpackFunction } from './functions.ts';
import { LocalTransport } from './local-transport.ts';
import { kinds } from './methods.ts';
import { Objects, type Entry } from './objects.ts';
import { ARGUMENTS_FROM, Request, Status, type SignalPlace } from './protocol.ts';
import { BaseProxy, heldBy, type Held } from './proxy.ts';
import { GeneratorReferent, isIterator } from './referents/iterators.ts';
import { Referent } from './referents/referent.ts';
import { renamedPath } from './renamed-path.ts';
import type { SentReferences } from './sent.ts';
import { Session } from './session.ts';

/** What a call is about. */
export interface Asked {
	readonly id: number;
	readonly method: string;
	readonly args: unknown[];
	readonly place: SignalPlace | undefined;
}

export class Host implements Settle {
	readonly uid: string;
	readonly objects: Objects = new Objects();
	/** The server's own process. */
	readonly self: Session;
	readonly #factories: Factories;
	/** Of proxies in this process. */
	readonly transport: LocalTransport;
	#sent: SentReferences | undefined;

	constructor(uid: string, factories: Factories) {
		this.uid = uid;
		this.#factories = factories;
		this.self = new Session(0, uid, this.objects);
		this.transport = new LocalTransport(this);
	}

	set sent(sent: SentReferences) {
		this.#sent = sent;
	}

	/** Takes a request, but those that concern the server as a whole. */
	handle(session: Session, message: [number, number, number, ...unknown[]]): void {
		const [, number, request, first, second, third] = message;
		if (request === Request.call) {
			const args = message.slice(ARGUMENTS_FROM);
			return this.#enter(session, number, { id: first as number, method: second as string, args, place: third as SignalPlace | undefined });
		}
		if (request === Request.create) return this.#create(this.#newCall(session, number), first, second as unknown[]);
		if (request === Request.cancel) return session.calls.get(number)?.end('cancelled');
		const entry = this.objects.find(first as number);
		if (entry === undefined) return;
		if (request === Request.release) session.release(entry);
		else if (request === Request.sent) this.#sent?.add(entry, second as string, session);
		else if (request === Request.claim) {
			session.retain(entry);
			this.#sent?.claim(second as string);
		}
	}

	// --- calls ---

	/** In its client's line for the object, if there is one. */
	#enter(session: Session, number: number, asked: Asked): void {
		const line = session.lines.size === 0 ? undefined : session.lines.get(asked.id);
		const call = this.#newCall(session, number);
		if (line !== undefined) line.push(() => this.begin(call, asked));
		else this.begin(call, asked);
	}

	#newCall(session: Session, number: number): Call {
		const call = new Call(session, number, this);
		if (number !== 0) session.calls.set(number, call);
		return call;
	}

	begin(call: Call, asked: Asked): void {
		if (call.isSettled) return;
		try {
			const entry = this.#entry(asked.id);
			const fn = kinds.get(entry.kind)?.get(asked.method)?.fn;
			if (fn !== undefined && isPacked(asked.args[fn])) return this.#withFunction(call, entry, { asked, fn });
			this.#run(call, entry, asked);
		} catch (error) {
			call.fail(error);
		}
	}

	#withFunction(call: Call, entry: Entry, { asked, fn }: { asked: Asked; fn: number }): void {
		const run = (found: unknown): void => {
			asked.args[fn] = found;
			this.#run(call, entry, asked);
		};
		const found = unpackFunction(asked.args[fn] as never);
		if (typeof found === 'function') return run(found);
		const { lines } = call.session;
		const line: (() => void)[] = [];
		lines.set(asked.id, line);
		found
			.then(run, (error: unknown) => call.fail(error))
			.finally(() => {
				if (lines.get(asked.id) === line) lines.delete(asked.id);
				for (const next of line) next();
			});
	}

	#run(call: Call, entry: Entry, asked: Asked): void {
		if (call.isSettled) return;
		try {
			const invoke = entry.methods.get(asked.method);
			if (invoke === undefined) throw notExposed(entry, asked.method);
			this.#follow(call, invoke(entry.referent, call, asked));
		} catch (error) {
			call.fail(error);
		}
	}

	#follow(call: Call, result: unknown): void {
		if (result === pending) return;
		if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return call.answer(result);
		Promise.resolve(result as Promise<unknown>).then(
			(value) => call.answer(value),
			(error: unknown) => call.fail(error),
		);
	}

	#entry(id: number): Entry {
		const entry = this.objects.find(id);
		if (entry === undefined) throw new ClosedError(`The object ${id} does not exist any more: nobody referred to it.`);
		return entry;
	}

	#create(call: Call, typeid: unknown, args: unknown[]): void {
		try {
			const { registration, make } = this.#factories.find(typeid);
			const made = make(args, (arg) => this.#unwrapped(arg));
			const wrap = (object: unknown): unknown => {
				if (object instanceof BaseProxy) return object;
				const checked = checkObject(object, registration.typeid);
				return new Given(this, this.objects.add(checked, referentFor(checked), registration));
			};
			this.#follow(call, made instanceof Promise ? made.then(wrap) : wrap(made));
		} catch (error) {
			call.fail(error);
		}
	}

	#unwrapped(arg: unknown): unknown {
		if (!(arg instanceof BaseProxy) || heldBy(arg).transport !== this.transport) return arg;
		return this.#entry(heldBy(arg).described.id).referent;
	}

	// --- answers ---

	answer(call: Call, value: unknown): void {
		const { session, number, undo } = call;
		session.calls.delete(number);
		if (session.hasEnded) return undo?.(call);
		const given = this.#present(value);
		if (undo !== undefined) session.noteUndo(number, () => undo(call));
		try {
			if (number !== 0) session.post([number, Status.returned, given]);
		} catch (error) {
			undo?.(call);
			session.post([number, Status.threw, sendable(renamedPath(error, ['value[2]', 'result']))]);
		}
		if (given instanceof Given) this.objects.dropUnused(given.entry);
	}

	fail({ session, number }: Call, error: unknown): void {
		session.calls.delete(number);
		if (number === 0 || session.hasEnded) return;
		try {
			session.post([number, Status.threw, error]);
		} catch {
			session.post([number, Status.threw, sendable(error)]);
		}
	}

	cancel({ session, number }: Call): void {
		session.calls.delete(number);
		if (number !== 0 && !session.hasEnded) session.post([number, Status.cancelled, undefined]);
	}

	/** Objects of ours, and what of a program's own stays here, go as proxies. */
	#present(value: unknown): unknown {
		if (typeof value !== 'object' || value === null || value instanceof BaseProxy) return value;
		if (value instanceof Given) return value;
		if (value instanceof Referent) return new Given(this, this.objects.add(value, value, { typeid: value.kind.replace(/Proxy$/, '') }));
		const known = this.objects.entryOf(value);
		if (known !== undefined && known.referent === value) return new Given(this, known);
		if (!isIterator(value)) return value;
		return new Given(this, this.objects.add(value, new GeneratorReferent(value), { typeid: 'Generator' }));
	}

	// --- proxies in this process ---

	/** The proxy of one of its own objects. */
	openOwn(id: number): BaseProxy {
		return this.proxyOf(this.#entry(id));
	}

	proxyOf(entry: Entry): BaseProxy {
		const known = entry.local?.deref();
		if (known !== undefined) return known;
		const described = entry.describe();
		const held: Held & { entry: Entry } = { transport: this.transport, described, shown: described.shown, isCounted: false, entry };
		const proxy = makeProxy(held);
		entry.local = new WeakRef(proxy);
		return proxy;
	}

	localResult(value: unknown): unknown {
		const given = this.#present(value);
		return given instanceof Given ? this.proxyOf(given.entry) : given;
	}
}

/** Stands for a proxy in an answer. */
class Given implements Shareable {
	readonly #host: Host;
	readonly entry: Entry;

	constructor(host: Host, entry: Entry) {
		this.#host = host;
		this.entry = entry;
	}

	[toHandle](): Handle {
		return insideHandle(this.#host.uid, this.entry.id)!;
	}
}

/** What was thrown, without the parts that cannot cross. */
function sendable(error: unknown): unknown {
	return decode(encodeThrown(error).bytes);
}

function notExposed(entry: Entry, method: unknown): NprocsError {
	const exposed = [...entry.methods.keys()].join(', ') || 'none';
	return new NprocsError(`Cannot call ${String(method)}(): it is not exposed. The methods of this ${entry.kind} are: ${exposed}.`, {
		code: 'ERR_NPROCS_NOT_EXPOSED',
	});
}
