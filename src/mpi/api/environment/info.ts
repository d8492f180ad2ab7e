/**
 * `MPI.Info`: hints, a list of keys and values, both text. It lies in this process; where a call takes one, the engine
 * is told what is in it then.
 */
import { machine } from 'node:os';
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG, ERR_INFO, ERR_INFO_KEY, ERR_INFO_NOKEY, ERR_INFO_VALUE, MAX_INFO_KEY, MAX_INFO_VAL } from '../../constants.ts';
import type { InfoEntries } from '../../engine/info.ts';
import { fail } from '../arguments/check.ts';

/** What an Info can be made of. */
export type InfoItems = Info | Readonly<Record<string, string>> | Iterable<readonly [key: string, value: string]>;

export class Info implements Iterable<string> {
	/** 0: there is no object. */
	handle = 0;
	#entries: Map<string, string> | undefined;
	/** What it has, when somebody looks. */
	#later: (() => Info) | undefined;

	/** As in mpi4py: `new MPI.Info()` is a null object, and `Create` makes one that is. */
	constructor(info?: Info | null) {
		if (info === undefined || info === null) return;
		if (!(info instanceof Info))
			throw new ArgumentError(`Expected new MPI.Info() to be given an MPI.Info, got ${describe(info)}. Use MPI.Info.Create(items).`);
		this.#entries = info.#all();
		this.handle = info.handle;
	}

	/** @internal */
	static later(make: () => Info): Info {
		const info = new Info();
		info.handle = 1;
		info.#later = make;
		return info;
	}

	static Create(items?: InfoItems | null): Info {
		const info = new Info();
		info.#entries = new Map();
		info.handle = nextHandle++;
		if (items !== undefined && items !== null) info.update(items);
		return info;
	}

	/** What is known of how this program was started. */
	static Create_env(args?: readonly string[] | string | null): Info {
		const [command = '', ...argv] = typeof args === 'string' ? [args] : args === undefined || args === null ? process.argv : args;
		const given = command === '' ? [] : [['command', command.slice(0, MAX_INFO_VAL)] as const];
		const rest = argv.length === 0 ? [] : [['argv', argv.join(' ').slice(0, MAX_INFO_VAL)] as const];
		return Info.Create([...given, ...rest, ['wdir', workingDirectory()], ['arch', machine()], ['thread_level', 'MPI_THREAD_FUNNELED']]);
	}

	Dup(): Info {
		return Info.Create([...this.#living()]);
	}

	copy(): Info {
		return this.#all() === undefined ? new Info() : this.Dup();
	}

	/** It is MPI.INFO_NULL from now on. */
	Free(): void {
		this.#living();
		if (this === INFO_ENV) fail(ERR_INFO, 'Cannot free MPI.INFO_ENV: it is predefined.');
		this.#entries = undefined;
		this.handle = 0;
	}

	/** As `Free()`, without an error for one that is predefined, null or freed. */
	free(): void {
		if (this.#entries !== undefined && this !== INFO_ENV) this.Free();
	}

	/** null when there is no such key. */
	Get(key: string): string | null {
		return this.#living().get(checkedKey(key)) ?? null;
	}

	Set(key: string, value: string): void {
		this.#living().set(checkedKey(key), checkedValue(value));
	}

	Delete(key: string): void {
		if (!this.#living().delete(checkedKey(key))) fail(ERR_INFO_NOKEY, `There is no key ${JSON.stringify(key)} in the info object.`);
	}

	Get_nkeys(): number {
		return this.#living().size;
	}

	/** In the order in which they were set first. */
	Get_nthkey(n: number): string {
		const key = [...this.#living().keys()][n];
		return key ?? fail(ERR_ARG, `There is no key number ${n} in the info object: it has ${this.#living().size}.`);
	}

	// As of a Map, or a dictionary of Python's: a null object has no keys

	get size(): number {
		return this.#all()?.size ?? 0;
	}

	has(key: string): boolean {
		return this.#all()?.has(checkedKey(key)) === true;
	}

	get<T = null>(key: string, value: T = null as T): string | T {
		return this.#all()?.get(checkedKey(key)) ?? value;
	}

	keys(): string[] {
		return [...(this.#all()?.keys() ?? [])];
	}

	values(): string[] {
		return [...(this.#all()?.values() ?? [])];
	}

	items(): [key: string, value: string][] {
		return [...(this.#all()?.entries() ?? [])];
	}

	[Symbol.iterator](): Iterator<string> {
		return this.keys()[Symbol.iterator]();
	}

	update(items: InfoItems): void {
		this.#living();
		for (const [key, value] of pairsOf(items)) this.Set(key, value);
	}

	/** The value, which is there no more. Without the key: `value`, or an error when none is given. */
	pop<T = never>(key: string, ...value: [T?]): string | T {
		const found = this.get(key);
		if (found !== null) this.Delete(key);
		else if (value.length === 0) fail(ERR_INFO_NOKEY, `There is no key ${JSON.stringify(key)} in the info object.`);
		return found ?? (value[0] as T);
	}

	/** The last one. */
	popitem(): [key: string, value: string] {
		const last = this.items().at(-1) ?? fail(ERR_INFO_NOKEY, 'There is no key in the info object.');
		this.Delete(last[0]);
		return last;
	}

	clear(): void {
		this.#all()?.clear();
	}

	#all(): Map<string, string> | undefined {
		if (this.#later !== undefined) {
			this.#entries = this.#later().#entries;
			this.#later = undefined;
		}
		return this.#entries;
	}

	#living(): Map<string, string> {
		return this.#all() ?? fail(ERR_INFO, 'There is no info object: it is MPI.INFO_NULL, or was freed. MPI.Info.Create() makes one.');
	}
}

let nextHandle = 2;

export const INFO_NULL: Info = new Info();
/** What is known of how this program was started. */
export const INFO_ENV: Info = Info.later(() => Info.Create_env());

/** For an engine. No info is as good as an empty one. */
export function entriesOf(info: Info | null | undefined): InfoEntries {
	if (info === undefined || info === null) return [];
	if (!(info instanceof Info)) throw new ArgumentError(`Expected \`info\` to be an MPI.Info, got ${describe(info)}. Use MPI.Info.Create(items).`);
	return info.items();
}

/** It may have been removed. */
function workingDirectory(): string {
	try {
		return process.cwd();
	} catch {
		return '';
	}
}

function pairsOf(items: InfoItems): (readonly [string, string])[] {
	if (items instanceof Info) return items.items();
	if (typeof items !== 'object' || items === null)
		throw new ArgumentError(`Expected the items of an info object to be an object or a list of pairs, got ${describe(items)}.`);
	return Symbol.iterator in items ? [...items] : Object.entries(items);
}

function checkedKey(key: unknown): string {
	if (typeof key !== 'string') throw new ArgumentError(`Expected the key of an info object to be a string, got ${describe(key)}.`);
	if (key === '' || Buffer.byteLength(key) > MAX_INFO_KEY)
		fail(ERR_INFO_KEY, `The key of an info object must have 1 to ${MAX_INFO_KEY} bytes; this one has ${Buffer.byteLength(key)}.`);
	return key;
}

function checkedValue(value: unknown): string {
	if (typeof value !== 'string') throw new ArgumentError(`Expected the value of an info object to be a string, got ${describe(value)}.`);
	if (Buffer.byteLength(value) > MAX_INFO_VAL)
		fail(ERR_INFO_VALUE, `The value of an info object must have at most ${MAX_INFO_VAL} bytes; this one has ${Buffer.byteLength(value)}.`);
	return value;
}
