/** A client, as the server sees it: what it refers to, what it has asked for, and what is to be done at its end. */
import type { Addressee } from './crossing.ts';
import type { Outlet } from './outlet.ts';
import type { Described } from './protocol.ts';

/** An object that can be referred to. */
interface Entry {
	describe(): Described;
}

/** The objects of the server; see objects.ts. */
interface Objects {
	find(id: number): Entry | undefined;
	retain(entry: Entry): void;
	release(entry: Entry, count?: number): void;
}

/** A call, which ends before it was answered because its caller does not want it any more, or is dead. */
interface Ending {
	end(reason: EndReason): void;
}

export type EndReason = 'cancelled' | 'dead';

export class Session implements Addressee {
	readonly number: number;
	readonly uid: string;
	readonly #objects: Objects;
	/** The way to it. Absent: the server's own process. */
	outlet: Outlet | undefined;
	/** Of its process; 0 while it is not known. */
	pid = 0;
	/** Calls that have not been answered. */
	readonly calls = new Map<number, Ending>();
	/** Calls that wait for one before them, by object. */
	readonly lines = new Map<number, (() => void)[]>();
	/** What would take back the effects of calls whose answers may not have been read yet. */
	readonly undos = new Map<number, () => void>();
	/** Whether the client has read all answers; absent where that cannot be known. */
	hasReadAll: (() => boolean) | undefined;
	readonly #references = new Map<Entry, number>();
	readonly #endings = new Set<() => void>();
	/** What the message that is being encoded refers to. */
	#referred: Entry[] = [];
	hasEnded = false;

	constructor(number: number, uid: string, objects: Objects) {
		this.number = number;
		this.uid = uid;
		this.#objects = objects;
	}

	get name(): string {
		return this.outlet === undefined
			? "the manager's own process"
			: this.pid === 0
				? `client ${this.number}`
				: `client ${this.number} (pid ${this.pid})`;
	}

	/** Calls back when the client is dead or has closed its connection. Returns what takes it back. */
	onEnd(listener: () => void): () => void {
		this.#endings.add(listener);
		return () => this.#endings.delete(listener);
	}

	/** For an answer that is about to be posted. Those before have been read when nothing is left in the stream. */
	noteUndo(number: number, undo: () => void): void {
		if (this.hasReadAll === undefined) return;
		if (this.undos.size > 0 && this.hasReadAll()) this.undos.clear();
		this.undos.set(number, undo);
	}

	// --- references ---

	begin(): void {
		this.#referred = [];
	}

	refer(id: number): Described {
		const entry = this.#objects.find(id)!;
		this.#referred.push(entry);
		return entry.describe();
	}

	/** Sends a message; the proxies in it are the client's from now on. */
	post(message: readonly unknown[]): void {
		this.#referred = [];
		this.outlet?.post(message);
		const referred = this.#referred;
		if (referred.length === 0) return;
		this.#referred = [];
		for (const entry of referred) this.retain(entry);
	}

	retain(entry: Entry): void {
		if (this.hasEnded) return;
		this.#references.set(entry, (this.#references.get(entry) ?? 0) + 1);
		this.#objects.retain(entry);
	}

	release(entry: Entry): void {
		const count = this.#references.get(entry) ?? 0;
		if (count === 0) return;
		if (count === 1) this.#references.delete(entry);
		else this.#references.set(entry, count - 1);
		this.#objects.release(entry);
	}

	/** Everything of it ends: calls, what it holds, what it refers to. */
	end(undelivered: Iterable<number>): void {
		if (this.hasEnded) return;
		this.hasEnded = true;
		this.lines.clear();
		for (const call of [...this.calls.values()]) call.end('dead');
		this.calls.clear();
		for (const number of undelivered) this.undos.get(number)?.();
		for (const listener of [...this.#endings]) listener();
		for (const [entry, count] of this.#references) this.#objects.release(entry, count);
		this.#references.clear();
	}
}
