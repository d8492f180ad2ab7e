/**
 * The objects of a server, and who refers to them.
 *
 * A reference is counted for each proxy that a client has, and for each that is on its way (sent.ts). Proxies in the
 * server itself, such as those that lie in a managed dict, are left to the garbage collector: an object without counted
 * references is held weakly here, and strongly by the proxies; so objects that only refer to each other are garbage, as
 * anywhere.
 */
import { methodsOfObject, methodsOfReferent, type Invoke } from './exposed.ts';
import type { Described } from './protocol.ts';
import { show, type BaseProxy } from './proxy.ts';
import { Referent } from './referents/referent.ts';

export interface Registration {
	readonly typeid: string;
	readonly exposed?: readonly string[] | undefined;
	/** The name of the program's own class of proxies. */
	readonly proxy?: string | undefined;
}

export class Entry {
	readonly id: number;
	/** What its methods belong to. */
	readonly referent: object;
	readonly methods: ReadonlyMap<string, Invoke>;
	readonly #registration: Registration;
	/** Counted references. */
	references = 0;
	/** The proxy in this process, if there is one. */
	local: WeakRef<BaseProxy> | undefined;

	constructor(id: number, referent: object, registration: Registration) {
		this.id = id;
		this.referent = referent;
		this.#registration = registration;
		this.methods = referent instanceof Referent ? methodsOfReferent(referent) : methodsOfObject(referent, registration.exposed);
	}

	get kind(): string {
		return this.referent instanceof Referent ? this.referent.kind : (this.#registration.proxy ?? 'AutoProxy');
	}

	describe(): Described {
		const { id, kind, referent } = this;
		const { typeid } = this.#registration;
		const shown = show(referent instanceof Referent ? referent.content : referent);
		return referent instanceof Referent ? { id, typeid, kind, shown } : { id, typeid, kind, shown, methods: [...this.methods.keys()] };
	}
}

export class Objects {
	readonly #byId = new Map<number, Entry | WeakRef<Entry>>();
	/** By the program's object, or the one of ours that stands for it. */
	readonly #byReferent = new WeakMap<object, Entry>();
	readonly #collected = new FinalizationRegistry<number>((id) => this.#drop(id));
	#lastId = 0;

	/** How many there are. */
	get size(): number {
		return this.#byId.size;
	}

	find(id: number): Entry | undefined {
		const found = this.#byId.get(id);
		return found instanceof WeakRef ? found.deref() : found;
	}

	/** The entry of an object that is one of them. */
	entryOf(object: object): Entry | undefined {
		const entry = this.#byReferent.get(object);
		// Nobody referred to it any more, but the program has kept it.
		if (entry !== undefined && this.find(entry.id) === undefined) this.#byId.set(entry.id, entry);
		return entry;
	}

	/**
	 * The entry for `object`; `referent` is what its methods belong to. It is dropped again unless somebody gets a
	 * reference.
	 */
	add(object: object, referent: object, registration: Registration): Entry {
		const before = this.entryOf(object);
		if (before !== undefined) return before;
		const entry = new Entry(++this.#lastId, referent, registration);
		this.#byReferent.set(object, entry);
		this.#byId.set(entry.id, entry);
		return entry;
	}

	retain(entry: Entry): void {
		if (entry.references++ === 0) this.#byId.set(entry.id, entry);
	}

	release(entry: Entry, count = 1): void {
		entry.references -= count;
		this.dropUnused(entry);
	}

	dropUnused(entry: Entry): void {
		if (entry.references > 0 || !this.#byId.has(entry.id)) return;
		if (entry.local?.deref() === undefined) return this.#end(entry);
		this.#byId.set(entry.id, new WeakRef(entry));
		this.#collected.register(entry, entry.id);
	}

	#end(entry: Entry): void {
		this.#byId.delete(entry.id);
		if (entry.referent instanceof Referent) entry.referent.end?.();
	}

	#drop(id: number): void {
		const found = this.#byId.get(id);
		if (found instanceof WeakRef && found.deref() === undefined) this.#byId.delete(id);
	}
}
