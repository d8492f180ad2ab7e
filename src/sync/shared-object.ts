/** What all synchronization objects have in common: one segment, a name if the user gave one, a handle, an end. */
import { inspect } from 'node:util';
import { anything, checkOptions, type OptionKinds } from '../base/arguments.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { closedError } from '../memory/layout.ts';
import { objectName } from '../memory/names.ts';
import { self } from '../memory/registry.ts';
import { Segment } from '../memory/segment.ts';
import type { WaiterSet } from '../wait/waiter-set.ts';
import { endWaits } from '../wait/waiter.ts';

export interface SharedOptions {
	/**
	 * Makes an object that unrelated processes can open: whoever constructs one of the same class with the same name
	 * gets the same object, for as long as anyone has it open. 1 to 180 characters out of A-Z, a-z, 0-9, ".", "_", "-".
	 */
	name?: string | undefined;
}

/** How a class opens an object again, instead of making one. Not for users. */
export const existing: unique symbol = Symbol('nprocs.existing') as never;

export interface Existing {
	[existing]?: string;
}

export interface Layout {
	readonly kind: string;
	/** 32-bit words of the payload. */
	readonly words: number;
	readonly init?: (int32: Int32Array) => void;
	/** Options that the class takes besides the name. */
	readonly options?: OptionKinds;
}

export abstract class SharedObject implements Shareable, Disposable, AsyncDisposable {
	protected readonly segment: Segment;
	/** The payload. Empty (detached) after `close()`. */
	protected readonly int32: Int32Array;
	/** Whether `close()` was called here. */
	closed = false;
	/** The name that it was given, if any. */
	readonly name: string | undefined;

	constructor(layout: Layout, options: SharedOptions | undefined) {
		// What a name may be is checked where it becomes one of a file.
		const kinds = { name: anything, ...layout.options };
		checkOptions(options, { owner: `new ${layout.kind}()`, kinds, example: '{ name }' });
		self(); // what taking part needs, is an error here if it cannot be had, and not in the midst of a program
		this.name = options?.name;
		this.segment = openSegment(layout, (options as Existing | undefined)?.[existing], this.name);
		this.int32 = this.segment.int32;
	}

	/** The sets of waiters whose waits end with a ClosedError when the object is closed here. */
	protected abstract sets(): readonly WaiterSet[];

	/** Gives it up in this process; pending waits here reject. Idempotent. The last one to close frees it. */
	close(): void {
		if (this.closed) return;
		this.closed = true;
		for (const set of this.sets()) endWaits(set, closedError(this.segment.kind));
		this.segment.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	[toHandle](): Handle {
		this.assertOpen();
		return { kind: this.segment.kind, data: { segment: this.segment.name, name: this.name }, segments: [this.segment.name] };
	}

	[inspect.custom](): string {
		return this.closed ? `<${this.segment.kind} closed>` : this.describe();
	}

	toString(): string {
		return this[inspect.custom]();
	}

	/** As Python's `repr`. */
	protected abstract describe(): string;

	protected assertOpen(): void {
		if (this.closed) throw closedError(this.segment.kind);
	}
}

/** The data of a handle of an object with one segment. */
export interface HandleData {
	readonly segment: string;
	readonly name: string | undefined;
}

/** Registers a class whose constructor takes its options as the only argument. */
export function registerSimple(kind: string, Class: new (options: SharedOptions) => SharedObject): void {
	registerKind(kind, (data: HandleData) => new Class(existingOptions(data)));
}

export function existingOptions(data: HandleData): SharedOptions & Existing {
	return { [existing]: data.segment, name: data.name };
}

/** What `hold()` gives: disposing it again does nothing. */
export function releasedOnce(release: () => void): Disposable {
	let isHeld = true;
	return {
		[Symbol.dispose](): void {
			if (isHeld) release();
			isHeld = false;
		},
	};
}

function openSegment({ kind, words, init }: Layout, existingName: string | undefined, name: string | undefined): Segment {
	if (existingName !== undefined) return Segment.open(existingName, kind, { size: words * 4 });
	const settings = { kind, size: words * 4, init: ({ int32 }: Segment) => init?.(int32) };
	return name === undefined ? Segment.create(settings) : Segment.openOrCreate({ ...settings, name: objectName(kind, name) });
}
