/**
 * Windows: memory of each rank that the others read and write without its help.
 *
 * A window belongs to the ranks of the communicator with which it was made, also when that is freed. What is accessed,
 * and when, is checked here (win-epoch.ts, win-transfers.ts); what lies outside of the target's window is seen by the
 * engine.
 */
import { anything, aString, checkArgument, checkOptions, describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import * as constants from '../../constants.ts';
import type { BufferView } from '../../engine/buffers.ts';
import type { InfoEntries } from '../../engine/info.ts';
import { NULL_HANDLE } from '../../handles.ts';
import { type CopyFunction, type DeleteFunction, type KeyvalOptions, Keyvals } from '../environment/attributes.ts';
import { BOTTOM, type Bottom, type BufferData, viewOf } from '../buffers/buffer-data.ts';
import { check, fail } from '../arguments/check.ts';
import { COMM_SELF } from '../communicators/communicators.ts';
import { Get_error_class } from '../environment/environment.ts';
import { Errhandler, type ErrorFunction, ERRORS_RETURN } from '../errors/errhandler.ts';
import { Exception } from '../errors/exception.ts';
import { entriesOf, Info } from '../environment/info.ts';
import { Intracomm } from '../communicators/intracomm.ts';
import { engine } from '../environment/lifecycle.ts';
import { anAddress, anInt } from '../arguments/numbers.ts';
import { isOptions } from '../arguments/options.ts';
import { WinAccesses } from './win-accesses.ts';

/** mpi4py's keyword arguments of what makes windows. */
export interface WinOptions {
	/** How many bytes a displacement of 1 is, in accesses to this rank. @default 1 */
	readonly disp_unit?: number;
	readonly info?: Info | null;
	/** Whose ranks have the window. @default MPI.COMM_SELF */
	readonly comm?: Intracomm;
}

/** What the constructor is told, by the library. */
interface WinOrigin {
	readonly handle: number;
	readonly comm: Intracomm;
	readonly flavor: number;
	readonly unit: number;
	/** Of one that the engine has not allocated. */
	readonly memory?: BufferData | undefined;
	readonly info: InfoEntries;
}

const keyvals = new Keyvals<Win>();

export class Win extends WinAccesses {
	#origin: WinOrigin | undefined;
	#errhandler: Errhandler = ERRORS_RETURN;
	#name: string | undefined;

	/** As in mpi4py, a `new Win()` of a program's own is a null window; the argument is for the library. */
	constructor(origin?: WinOrigin) {
		super(origin === undefined ? undefined : { ...origin, info: Info.Create(origin.info) });
		this.#origin = origin;
	}

	/** Collective: a window of memory that the program has. Null or MPI.BOTTOM: this rank has none. */
	static Create(
		memory: BufferData | Bottom | null,
		disp_unit: number | WinOptions = 1,
		info: Info | null = null,
		comm: Intracomm = COMM_SELF,
	): Win {
		const given = optionsFrom('Create', disp_unit, info, comm);
		const view: BufferView | null = memory === null || memory === BOTTOM ? null : viewOf(memory, given.comm);
		check(engine().winCreate(view, given.unit, given.info, given.comm.living()), given.comm);
		const own = view === null ? undefined : (memory as BufferData);
		return new Win({ ...given, handle: engine().out[0]!, flavor: constants.WIN_FLAVOR_CREATE, memory: own ?? new ArrayBuffer(0) });
	}

	/** Collective: a window of memory that MPI allocates, so many bytes for this rank. */
	static Allocate(size: number, disp_unit: number | WinOptions = 1, info: Info | null = null, comm: Intracomm = COMM_SELF): Win {
		const given = optionsFrom('Allocate', disp_unit, info, comm);
		check(engine().winAllocate(sizeFrom(size), given.unit, given.info, given.comm.living()), given.comm);
		return new Win({ ...given, handle: engine().out[0]!, flavor: constants.WIN_FLAVOR_ALLOCATE });
	}

	/**
	 * As `Allocate()`, of memory that the ranks, which are on one machine, also read and write directly: see
	 * `Shared_query()`.
	 */
	static Allocate_shared(size: number, disp_unit: number | WinOptions = 1, info: Info | null = null, comm: Intracomm = COMM_SELF): Win {
		const given = optionsFrom('Allocate_shared', disp_unit, info, comm);
		check(engine().winAllocateShared(sizeFrom(size), given.unit, given.info, given.comm.living()), given.comm);
		return new Win({ ...given, handle: engine().out[0]!, flavor: constants.WIN_FLAVOR_SHARED });
	}

	/** Not supported: what is accessed in such windows is named by addresses, which JavaScript does not know. */
	static Create_dynamic(..._: readonly unknown[]): never {
		return noDynamic('Create_dynamic()');
	}

	/** Not supported: it is for windows of `Create_dynamic()`. */
	Attach(_memory: unknown): never {
		return noDynamic('Attach()');
	}
	/** Not supported, as `Attach()`. */
	Detach(_memory: unknown): never {
		return noDynamic('Detach()');
	}

	/** Collective. The memory of a window that was allocated must not be used any more. */
	Free(): void {
		const handle = this.living();
		this.epoch.end();
		keyvals.deleteAll(this);
		check(engine().winFree(handle), this);
		this.handle = NULL_HANDLE;
		this.#origin = undefined;
	}
	/** As `Free()`, without an error for one that is null or freed. */
	free(): void {
		if (this.handle !== NULL_HANDLE) this.Free();
	}

	// Its memory

	/**
	 * This rank's own part: what the program has given, or the ArrayBuffer or SharedArrayBuffer that MPI has allocated.
	 */
	tomemory(): BufferData {
		const handle = this.living();
		return this.#origin!.memory ?? engine().winMemory(handle);
	}

	/**
	 * [a rank's part of a window of shared memory, its displacement unit]. MPI.PROC_NULL: that of the first rank that
	 * has one.
	 */
	Shared_query(rank: number): [memory: ArrayBuffer | SharedArrayBuffer, disp_unit: number] {
		const handle = this.living();
		const which = anInt(rank, { name: 'rank' });
		if (this.flavor !== constants.WIN_FLAVOR_SHARED) fail(constants.ERR_RMA_FLAVOR, 'Shared_query() is for windows of Allocate_shared().', this);
		if (which !== constants.PROC_NULL && (which < 0 || which >= this.group_size)) {
			fail(constants.ERR_RANK, `There is no rank ${which}: the window has ${this.group_size}.`, this);
		}
		const memory = engine().winSharedQuery(handle, which);
		return [memory, engine().out[0]!];
	}

	/** [memory, size in bytes, displacement unit] of this rank; mpi4py gives the memory's address. */
	get attrs(): [base: BufferData, size: number, disp_unit: number] {
		const memory = this.tomemory();
		return [memory, memory.byteLength, this.#origin!.unit];
	}
	/** MPI.WIN_FLAVOR_*: how it was made. */
	get flavor(): number {
		this.living();
		return this.#origin!.flavor;
	}
	/** MPI.WIN_UNIFIED: there is one memory, which all see. */
	get model(): number {
		this.living();
		return constants.WIN_UNIFIED;
	}

	// Names, attributes, error handlers

	Get_name(): string {
		return this.#name ?? (this.handle === NULL_HANDLE ? 'MPI_WIN_NULL' : '');
	}
	Set_name(name: string): void {
		this.living();
		checkArgument('`name`', name, aString);
		this.#name = name;
	}
	get name(): string {
		return this.Get_name();
	}
	set name(name: string) {
		this.Set_name(name);
	}

	/** A key for attributes of windows. */
	static Create_keyval(
		copy_fn?: CopyFunction<Win> | KeyvalOptions<Win> | null,
		delete_fn?: DeleteFunction<Win> | null,
		_nopython?: boolean,
	): number {
		return keyvals.create(copy_fn, delete_fn);
	}
	static Free_keyval(keyval: number): number {
		return keyvals.free(keyval);
	}
	/**
	 * Null when there is none. MPI.WIN_BASE (the memory), WIN_SIZE, WIN_DISP_UNIT, WIN_CREATE_FLAVOR and WIN_MODEL are
	 * attributes of all.
	 */
	Get_attr<T = unknown>(keyval: number): T | null {
		this.living();
		return (keyval in predefinedAttributes ? predefinedAttributes[keyval]!(this) : keyvals.get(this, keyval)) as T | null;
	}
	Set_attr(keyval: number, attrval: unknown): void {
		keyvals.set(this, this.#ownKeyval(keyval), attrval);
	}
	Delete_attr(keyval: number): void {
		keyvals.delete(this, this.#ownKeyval(keyval));
	}

	/** A handler that calls the function with the window and the error's code, and then lets the error be thrown. */
	static Create_errhandler(errhandler_fn: ErrorFunction<Win>): Errhandler {
		return Errhandler.of(errhandler_fn);
	}
	Get_errhandler(): Errhandler {
		this.living();
		return this.#errhandler;
	}
	Set_errhandler(errhandler: Errhandler): void {
		this.living();
		this.#errhandler = Errhandler.checked(errhandler);
	}
	Call_errhandler(errorcode: number): void {
		this.living();
		const code = anInt(errorcode, { name: 'errorcode' });
		this.onError(new Exception(code, { errorClass: Get_error_class(code) }));
	}

	/** @internal */
	living(): number {
		if (this.handle === NULL_HANDLE) fail(constants.ERR_WIN, 'There is no window: it is MPI.WIN_NULL, or was freed.');
		return this.handle;
	}
	/** @internal */
	onError(error: Exception): void {
		this.#errhandler.handle(this, error);
	}

	#ownKeyval(keyval: number): number {
		this.living();
		if (keyval in predefinedAttributes)
			fail(constants.ERR_KEYVAL, 'Cannot change an attribute that MPI gives: use a key of Create_keyval().', this);
		return keyval;
	}
}

/** The null window: its handle is 0. */
export const WIN_NULL: Win = new Win();

const predefinedAttributes: Readonly<Record<number, (win: Win) => unknown>> = {
	[constants.WIN_BASE]: ({ attrs }) => attrs[0],
	[constants.WIN_SIZE]: ({ attrs }) => attrs[1],
	[constants.WIN_DISP_UNIT]: ({ attrs }) => attrs[2],
	[constants.WIN_CREATE_FLAVOR]: ({ flavor }) => flavor,
	[constants.WIN_MODEL]: ({ model }) => model,
};

function noDynamic(method: string): never {
	const hint = 'Use MPI.Win.Allocate(), or MPI.Win.Create() over memory that is large enough.';
	return fail(
		constants.ERR_UNSUPPORTED_OPERATION,
		`${method} is supported on no engine: accesses to dynamic windows name addresses, which JavaScript does not know. ${hint}`,
	);
}

function sizeFrom(size: number): number {
	return anAddress(size, { name: 'size', least: 0, errorClass: constants.ERR_SIZE });
}

const winOptions = { disp_unit: anything, info: anything, comm: anything };

interface Given {
	readonly unit: number;
	readonly info: InfoEntries;
	readonly comm: Intracomm;
}

function optionsFrom(method: string, unit: number | WinOptions, info: Info | null, comm: Intracomm): Given {
	const given = isOptions(unit) ? unit : { disp_unit: unit, info, comm };
	checkOptions(given, { owner: `${method}()`, kinds: winOptions });
	const owner = given.comm ?? COMM_SELF;
	if (!(owner instanceof Intracomm))
		throw new ArgumentError(`Expected \`comm\` of ${method}() to be an intracommunicator, got ${describe(owner)}.`);
	owner.living();
	const bytes = anInt(given.disp_unit ?? 1, { name: 'disp_unit', least: 1, errorClass: constants.ERR_DISP });
	return { unit: bytes, info: entriesOf(given.info ?? null), comm: owner };
}
