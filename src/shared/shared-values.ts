/** What Value and SharedArray share: memory in a segment, and perhaps a lock to change it under. */
import { inspect } from 'node:util';
import { checkOptions, isOf, type Kind } from '../base/arguments.ts';
import type { Wait } from '../base/deadline.ts';
import { NprocsError } from '../base/errors.ts';
import { openHandle, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { Segment } from '../memory/segment.ts';
import { ExclusiveLock } from '../sync/exclusive-lock.ts';
import type { Lock } from '../sync/lock.ts';
import { RLock } from '../sync/rlock.ts';

export interface ValueOptions {
	/** true: an RLock of its own; false: none; or the lock to use. @default true */
	lock?: boolean | Lock | RLock | undefined;
}

/** The data of its handle. */
export interface ValueData {
	readonly segment: string;
	readonly lock: Handle | undefined;
	readonly type: string;
}

export const existingValue: unique symbol = Symbol('nprocs.existingValue') as never;

interface Content {
	readonly kind: string;
	/** The type of the elements. */
	readonly type: string;
	readonly bytes: number;
	/** Fills the memory, before anybody else can see it. */
	readonly init: (segment: Segment) => void;
}

export abstract class SharedValues implements Shareable, Disposable, AsyncDisposable {
	protected readonly segment: Segment;
	readonly #lock: Lock | RLock | undefined;
	readonly #ownsLock: boolean;
	readonly #type: string;

	constructor({ kind, type, bytes, init }: Content, options: ValueOptions | undefined) {
		const data = isOf(anExisting, options) ? (options as { [existingValue]?: ValueData })[existingValue] : undefined;
		const lock = data === undefined ? checkLock(kind, options) : data.lock !== undefined && (openHandle(data.lock) as Lock | RLock);
		this.segment = data === undefined ? Segment.create({ kind, size: bytes, init }) : Segment.open(data.segment, kind);
		this.#ownsLock = typeof lock === 'boolean' || data !== undefined;
		this.#lock = lock === true ? new RLock() : lock === false ? undefined : lock;
		this.#type = type;
	}

	/** Its lock. Throws when it has none (`lock: false`). */
	getLock(): Lock | RLock {
		if (this.#lock === undefined)
			throw new NprocsError(`This ${this.segment.kind} has no lock: it was made with \`lock: false\`.`, { code: 'ERR_NPROCS_NO_LOCK' });
		return this.#lock;
	}

	acquire(wait?: Wait): Promise<boolean> {
		return this.getLock().acquire(wait);
	}

	acquireSync(wait?: Wait): boolean {
		return this.getLock().acquireSync(wait);
	}

	release(): void {
		this.getLock().release();
	}

	/** `using _ = await value.hold()`: its lock. */
	hold(wait?: Wait): Promise<Disposable> {
		return this.getLock().hold(wait);
	}

	holdSync(wait?: Wait): Disposable {
		return this.getLock().holdSync(wait);
	}

	/** Runs the function while holding the lock. */
	run<T>(fn: () => T | Promise<T>, wait?: Wait): Promise<T> {
		return this.getLock().run(fn, wait);
	}

	runSync<T>(fn: () => T, wait?: Wait): T {
		return this.getLock().runSync(fn, wait);
	}

	/** Idempotent. */
	close(): void {
		this.segment.close();
		if (this.#ownsLock) this.#lock?.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	[toHandle](): Handle {
		void this.segment.buffer; // throws when it is closed
		const lock = this.#lock?.[toHandle]();
		const data: ValueData = { segment: this.segment.name, lock, type: this.#type };
		return { kind: this.segment.kind, data, segments: [this.segment.name, ...(lock?.segments ?? [])] };
	}

	/** As Python's `repr`. */
	[inspect.custom](): string {
		if (this.segment.closed) return `<${this.segment.kind} closed>`;
		return this.#lock === undefined ? `<${this.describe()}>` : `<Synchronized wrapper for ${this.describe()}>`;
	}

	protected abstract describe(): string;
}

function checkLock(kind: string, options: ValueOptions | undefined): boolean | Lock | RLock {
	checkOptions(options, { owner: `new ${kind}()`, kinds: { lock: aLock }, example: '{ lock: false }' });
	return options?.lock ?? true;
}

const anExisting: Kind = { what: 'how to open it', has: (options) => (options as { [existingValue]?: ValueData })[existingValue] !== undefined };
const aLock: Kind = { what: 'true, false, a Lock or an RLock', has: (value) => typeof value === 'boolean' || value instanceof ExclusiveLock };
