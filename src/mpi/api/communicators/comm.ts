/**
 * What all communicators can do besides messages and collective operations: making others of themselves, comparing,
 * names, attributes, error handlers, and their end.
 */
import { aString, checkArgument, describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import * as constants from '../../constants.ts';
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE, NULL_HANDLE } from '../../handles.ts';
import { Keyvals, type CopyFunction, type DeleteFunction, type KeyvalOptions } from '../environment/attributes.ts';
import { check, checkRequest, fail } from '../arguments/check.ts';
import { canonical, makers, type CommBase, type CommKinds } from './comm-base.ts';
import { Errhandler, type ErrorFunction } from '../errors/errhandler.ts';
import { lastUsedCode } from '../errors/error-classes.ts';
import { Exception } from '../errors/exception.ts';
import { Get_error_class } from '../environment/environment.ts';
import { FaultTolerance } from './fault-tolerance.ts';
import { compareRanks, Group, ranksOf } from './group.ts';
import { entriesOf, Info } from '../environment/info.ts';
import { abortJob, beforeFinalize, engine } from '../environment/lifecycle.ts';
import { anInt } from '../arguments/numbers.ts';
import { EngineOperation } from '../requests/operation.ts';
import { type AttachedBuffer, attachTo, detachFrom, flushing, flushOf } from '../messages/buffered-sends.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { isOptions, namedArguments } from '../arguments/options.ts';
import { releasePrivate } from './private-comm.ts';
import { Request } from '../requests/request.ts';
import { splitTypeFrom } from './split-type.ts';

export interface SplitOptions {
	/** Ranks that give the same are in one; MPI.UNDEFINED: in none. @default 0 */
	color?: number;
	/** The order of ranks in the new one; where it is the same, that of this one. @default 0 */
	key?: number;
}

export interface SplitTypeOptions {
	/** @default 0 */
	key?: number;
	info?: Info | null;
}

const keyvals = new Keyvals<CommBase>();
const infos = new WeakMap<CommBase, Info>();

export abstract class Comm extends FaultTolerance {
	// What it is

	Get_group(): Group {
		return new Group(this.describe().worldRanks);
	}

	get group(): Group {
		return this.Get_group();
	}

	Is_inter(): boolean {
		return this.is_inter;
	}

	Is_intra(): boolean {
		return this.is_intra;
	}

	/** MPI.CART, MPI.GRAPH, MPI.DIST_GRAPH; MPI.UNDEFINED where ranks have no neighbours. */
	Get_topology(): number {
		this.living();
		return constants.UNDEFINED;
	}

	get topology(): number {
		return this.Get_topology();
	}

	get is_topo(): boolean {
		return this.topology !== constants.UNDEFINED;
	}

	/** MPI.IDENT: the same. MPI.CONGRUENT: the same ranks and order. MPI.SIMILAR: another order. Else MPI.UNEQUAL. */
	static Compare(comm1: Comm, comm2: Comm): number {
		const [first, second] = [aComm(comm1).describe(), aComm(comm2).describe()];
		if (comm1 === comm2) return constants.IDENT;
		if (comm1.is_inter !== comm2.is_inter) return constants.UNEQUAL;
		const own = compareRanks(first.worldRanks, second.worldRanks);
		const other = compareRanks(first.remoteWorldRanks ?? [], second.remoteWorldRanks ?? []);
		return Math.max(own, other) === constants.IDENT ? constants.CONGRUENT : Math.max(own, other);
	}

	Compare(comm: Comm): number {
		return Comm.Compare(this, comm);
	}

	// Making others of it: collective

	/** Another one of the same ranks: messages in one are not seen in the other. */
	Dup(info?: Info | { readonly info?: Info | null } | null): this {
		const hints = keywordOr<Info | null>('Dup()', 'info', { given: info, byDefault: null });
		check(engine().commDup(this.living()), this);
		const copy = this.alike(engine().out[0]!) as this;
		this.#inherit(copy, hints);
		return copy;
	}

	Clone(): this {
		return this.Dup();
	}

	Dup_with_info(info: Info): this {
		return this.Dup(info);
	}

	/** As Dup, and comes back at once: the communicator may be used when the request is complete. */
	Idup(info?: Info | { readonly info?: Info | null } | null): [comm: this, request: Request] {
		const hints = keywordOr<Info | null>('Idup()', 'info', { given: info, byDefault: null });
		const request = checkRequest(engine().commIdup(this.living()), this);
		const copy = this.alike(engine().out[0]!) as this;
		this.#inherit(copy, hints);
		return [copy, new Request(new EngineOperation(request, this))];
	}

	Idup_with_info(info: Info): [comm: this, request: Request] {
		return this.Idup(info);
	}

	/** One of each color's ranks. */
	Split(color: number | SplitOptions = 0, key: number = 0): Comm {
		const given = isOptions(color) ? namedArguments('Split', color, ['color', 'key']) : { color, key };
		const group = anInt(given.color ?? 0, { name: 'color' });
		if (group < 0 && group !== constants.UNDEFINED) {
			fail(constants.ERR_ARG, `\`color\` is ${group}: it must be no negative number, or MPI.UNDEFINED for a rank that is to be in none.`, this);
		}
		check(engine().commSplit(this.living(), group, anInt(given.key ?? 0, { name: 'key' })), this);
		return this.made(engine().out[0]!);
	}

	/**
	 * One of the ranks that share what `split_type` says: MPI.COMM_TYPE_SHARED, memory. MPI.COMM_TYPE_HW_GUIDED and
	 * MPI.COMM_TYPE_RESOURCE_GUIDED: what the key `mpi_hw_resource_type` of `info` says; of these, `mpi_shared_memory`
	 * is known, all else gives MPI.COMM_NULL, as MPI.COMM_TYPE_HW_UNGUIDED does.
	 */
	Split_type(split_type: number, key: number | SplitTypeOptions = 0, info?: Info | null): Comm {
		const given = isOptions(key) ? namedArguments('Split_type', key, ['key', 'info']) : { key, info };
		const type = splitTypeFrom(split_type, given.info);
		if (type === undefined) {
			fail(
				constants.ERR_ARG,
				`\`split_type\` is ${String(split_type)}: it must be MPI.COMM_TYPE_SHARED, or MPI.UNDEFINED for a rank that is to be in none.`,
				this,
			);
		}
		const order = anInt(given.key ?? 0, { name: 'key' });
		check(engine().commSplitType(this.living(), type, order, entriesOf(given.info)), this);
		return this.made(engine().out[0]!);
	}

	/** One of the group's ranks, which must be ranks of this one; all ranks of this one call it. */
	Create(group: Group): Comm {
		check(engine().commCreate(this.living(), this.ranksIn(group)), this);
		return this.made(engine().out[0]!);
	}

	/** Joins this job with the one that has started it (`Spawn()`); MPI.COMM_NULL when that was a launcher. */
	static Get_parent(): CommKinds['inter'] {
		check(engine().commParent());
		return canonical(engine().out[0]!, (handle) => makers.inter(handle)) as CommKinds['inter'];
	}

	// Memory for buffered sends

	/**
	 * Memory for buffered sends in this communicator: each takes what its message has, and MPI.BSEND_OVERHEAD.
	 * MPI.BUFFER_AUTOMATIC (or null): as much as they need. Without one, that of `MPI.Attach_buffer()` is used.
	 */
	Attach_buffer(buf: AttachedBuffer | null): void {
		attachTo(this, buf);
	}
	/** Waits until all that was sent from it is under way, and gives it back; null when there is none. */
	Detach_buffer(): AttachedBuffer | null {
		return detachFrom(this);
	}
	/** Waits until all that was sent from it is under way. */
	Flush_buffer(): void {
		flushOf(this);
	}
	/** As Flush_buffer, and comes back at once. */
	Iflush_buffer(): Request {
		return new Request(flushing(this));
	}

	/** Not supported: see `Spawn()`. */
	static Join(_fd: number): never {
		const hint = 'Start all ranks by one launcher, or join the jobs with the Listener and connect() of nprocs.';
		return fail(constants.ERR_UNSUPPORTED_OPERATION, `Join() is supported on no engine: a socket cannot make ranks of two jobs one. ${hint}`);
	}

	// Its end

	/** Collective: it is as MPI.COMM_NULL from now on. What is under way in it will be complete. */
	Free(): void {
		this.#end('commFree');
	}

	#end(how: 'commFree' | 'commDisconnect'): void {
		const handle = this.living();
		if (handle === COMM_WORLD_HANDLE || handle === COMM_SELF_HANDLE)
			fail(constants.ERR_COMM, `Cannot free ${this.name}: it is there as long as MPI is.`, this);
		keyvals.deleteAll(this);
		detachFrom(this);
		releasePrivate(this, how);
		check(engine()[how](handle), this);
		this.forget();
	}

	/** As `Free()`, without an error for one that is predefined, null or freed. */
	free(): void {
		if (this.handle !== NULL_HANDLE && this.handle !== COMM_WORLD_HANDLE && this.handle !== COMM_SELF_HANDLE) this.Free();
	}

	/**
	 * As Free, when all that is under way in it is complete. Jobs that it has joined (`Spawn()`, `Accept()`) are joined
	 * no more, so neither waits for the other to end.
	 */
	Disconnect(): void {
		this.#end('commDisconnect');
	}

	/** Ends the job: all ranks of it, whatever they do. */
	Abort(errorcode: number | { errorcode?: number } = 0): never {
		const code = anInt(isOptions(errorcode) ? (namedArguments('Abort', errorcode, ['errorcode']).errorcode ?? 0) : errorcode, {
			name: 'errorcode',
		});
		engine();
		return abortJob(this.handle === 0 ? COMM_WORLD_HANDLE : this.handle, code);
	}

	// Names and hints

	/** That of MPI.COMM_NULL where there is no communicator. */
	Get_name(): string {
		return this.name;
	}

	/** For messages and debuggers; at most MPI.MAX_OBJECT_NAME - 1 bytes are kept. */
	Set_name(name: string): void {
		this.living();
		checkArgument('`name`', name, aString);
		this.ownName = shortened(name);
	}

	override get name(): string {
		return super.name;
	}

	override set name(name: string) {
		this.Set_name(name);
	}

	/** A copy of the hints that were set. */
	Get_info(): Info {
		this.living();
		return infos.get(this)?.Dup() ?? Info.Create();
	}

	Set_info(info: Info): void {
		this.living();
		const own = infos.get(this) ?? Info.Create();
		own.update(entriesOf(info));
		infos.set(this, own);
	}

	get info(): Info {
		return this.Get_info();
	}

	set info(info: Info) {
		this.Set_info(info);
	}

	// Attributes

	/**
	 * A key for attributes of communicators.
	 *
	 * @param copy_fn - gives the value of a duplicate's attribute; default: it has none
	 * @param delete_fn - called when an attribute goes away
	 */
	static Create_keyval(
		copy_fn?: CopyFunction<Comm> | KeyvalOptions<Comm> | null,
		delete_fn?: DeleteFunction<Comm> | null,
		_nopython?: boolean,
	): number {
		return keyvals.create(copy_fn as CopyFunction<CommBase>, delete_fn as DeleteFunction<CommBase>);
	}

	/** MPI.KEYVAL_INVALID, as in mpi4py. Attributes under the key stay until they are deleted. */
	static Free_keyval(keyval: number): number {
		return keyvals.free(keyval);
	}

	/** null when there is none. All have MPI.TAG_UB, MPI.UNIVERSE_SIZE, MPI.APPNUM and MPI.WTIME_IS_GLOBAL. */
	Get_attr<T = unknown>(keyval: number): T | null {
		this.living();
		return (keyval in predefinedAttributes ? predefinedAttributes[keyval]!() : keyvals.get(this, keyval)) as T | null;
	}

	Set_attr(keyval: number, attrval: unknown): void {
		this.living();
		this.#refusePredefined(keyval);
		keyvals.set(this, keyval, attrval);
	}

	Delete_attr(keyval: number): void {
		this.living();
		this.#refusePredefined(keyval);
		keyvals.delete(this, keyval);
	}

	// Error handlers

	/** A handler that calls the function with the communicator and the error's code; then the error is thrown. */
	static Create_errhandler(errhandler_fn: ErrorFunction<Comm>): Errhandler {
		return Errhandler.of(errhandler_fn);
	}

	Get_errhandler(): Errhandler {
		this.living();
		return this.errhandler;
	}

	Set_errhandler(errhandler: Errhandler): void {
		this.living();
		this.errhandler = Errhandler.checked(errhandler);
	}

	/** Does what the error handler does with an error of this code, but throws nothing. */
	Call_errhandler(errorcode: number): void {
		this.living();
		const code = anInt(errorcode, { name: 'errorcode' });
		this.onError(new Exception(code, { errorClass: Get_error_class(code) }));
	}

	/** @internal The object for a communicator that is as this one, with the same topology. */
	alike(handle: number): Comm {
		return this.made(handle);
	}

	/** @internal The object for a communicator that was made of this one, of the same kind but without a topology. */
	protected made(handle: number): Comm {
		return canonical(handle, (other) => (this.is_inter ? makers.inter(other) : makers.intra(other))) as Comm;
	}

	/** @internal Which ranks of this one are in the group. */
	protected ranksIn(group: Group): Int32Array {
		const own = this.describe().worldRanks;
		return Int32Array.from(ranksOf(group), (worldRank) => {
			const rank = own.indexOf(worldRank);
			return rank >= 0
				? rank
				: fail(constants.ERR_GROUP, `The rank ${worldRank} of MPI.COMM_WORLD is in the group, but not in the communicator.`, this);
		});
	}

	/** A duplicate has what the original has, as far as that is copied. */
	#inherit(copy: Comm, info: Info | null | undefined): void {
		copy.errhandler = this.errhandler;
		if (infos.has(this)) copy.Set_info(infos.get(this)!);
		if (info !== undefined && info !== null) copy.Set_info(info);
		keyvals.copyAll(this, copy);
	}

	#refusePredefined(keyval: number): void {
		if (keyval in predefinedAttributes)
			fail(constants.ERR_KEYVAL, 'Cannot change an attribute that MPI gives: use a key of Create_keyval().', this);
	}
}

const predefinedAttributes: Readonly<Record<number, () => number | null>> = {
	[constants.TAG_UB]: () => engine().tagUb,
	[constants.UNIVERSE_SIZE]: () => engine().universeSize ?? null,
	[constants.APPNUM]: () => engine().appnum ?? null,
	[constants.HOST]: () => constants.PROC_NULL,
	[constants.IO]: () => constants.ANY_SOURCE,
	[constants.LASTUSEDCODE]: () => lastUsedCode(),
	[constants.WTIME_IS_GLOBAL]: () => (engine().wtimeIsGlobal ? 1 : 0),
};

/** What a program has put there to be told of the end. */
beforeFinalize(() => keyvals.deleteAll(canonical(COMM_SELF_HANDLE, (handle) => makers.intra(handle))));

function aComm(comm: unknown): Comm {
	if (!(comm instanceof Comm)) throw new ArgumentError(`Expected an MPI.Comm, got ${describe(comm)}.`);
	return comm;
}

/** At a whole character. */
function shortened(name: string): string {
	let bytes = Buffer.from(name);
	if (bytes.length < constants.MAX_OBJECT_NAME) return name;
	bytes = bytes.subarray(0, constants.MAX_OBJECT_NAME - 1);
	return bytes.toString().replace(/\ufffd$/, '');
}
