/**
 * Sessions: the way to groups of ranks that needs no `Init()` and no MPI.COMM_WORLD. Here they are a view of the one
 * world that an engine has: its process sets are all ranks (`mpi://WORLD`) and this one (`mpi://SELF`), on every engine
 * alike. `Intracomm.Create_from_group()` makes communicators of their groups.
 */
import { aString, checkArgument } from '../../../base/arguments.ts';
import { ERR_ARG, ERR_SESSION, ERR_UNSUPPORTED_OPERATION } from '../../constants.ts';
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE } from '../../handles.ts';
import { type ErrorOwner, fail } from '../arguments/check.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import { anInt } from '../arguments/numbers.ts';
import { Get_error_class } from '../environment/environment.ts';
import { entriesOf, Info } from '../environment/info.ts';
import { engine } from '../environment/lifecycle.ts';
import { Errhandler, type ErrorFunction, ERRORS_RETURN } from '../errors/errhandler.ts';
import { Exception } from '../errors/exception.ts';
import { Group } from './group.ts';

/** mpi4py's keyword arguments. */
export interface SessionOptions {
	readonly info?: Info | null;
	/** @default MPI.ERRORS_RETURN */
	readonly errhandler?: Errhandler | null;
}

const processSets: ReadonlyMap<string, number> = new Map([
	['mpi://WORLD', COMM_WORLD_HANDLE],
	['mpi://SELF', COMM_SELF_HANDLE],
]);

export class Session implements ErrorOwner {
	/** 0: there is no session. */
	handle = 0;
	#info: Info | undefined;
	#errhandler: Errhandler = ERRORS_RETURN;

	static Init(info: Info | SessionOptions | null = null, errhandler: Errhandler | null = null): Session {
		const given = keywordsOr<SessionOptions>({
			owner: 'Init()',
			first: info,
			positional: { info: info as Info | null, errhandler },
			defaults: { info: null, errhandler: null },
		});
		const session = new Session();
		session.#info = Info.Create(entriesOf(given.info ?? null));
		if (given.errhandler !== null && given.errhandler !== undefined) session.#errhandler = Errhandler.checked(given.errhandler);
		engine();
		session.handle = nextHandle++;
		return session;
	}

	/** It is MPI.SESSION_NULL from now on. What was made of its groups stays. */
	Finalize(): void {
		this.#living();
		this.handle = 0;
	}
	/** As `Finalize()`, without an error for one that is null. */
	free(): void {
		this.handle = 0;
	}

	Get_num_psets(info: Info | { readonly info?: Info | null } | null = null): number {
		this.#living();
		checkInfo(info, 'Get_num_psets()');
		return processSets.size;
	}

	/** The name of a process set, by its number from 0 on. */
	Get_nth_pset(n: number, info: Info | { readonly info?: Info | null } | null = null): string {
		this.#living();
		checkInfo(info, 'Get_nth_pset()');
		const which = anInt(n, { name: 'n', least: 0 });
		return [...processSets.keys()][which] ?? fail(ERR_ARG, `There is no process set ${which}: there are ${processSets.size}, from 0 on.`, this);
	}

	Get_info(): Info {
		this.#living();
		return this.#info!.Dup();
	}

	/** `mpi_size`: how many ranks are in it. */
	Get_pset_info(pset_name: string): Info {
		return Info.Create({ mpi_size: String(this.Create_group(pset_name).size) });
	}

	/** The ranks of a process set. */
	Create_group(pset_name: string): Group {
		this.#living();
		checkArgument('`pset_name`', pset_name, aString);
		const comm = processSets.get(pset_name);
		if (comm === undefined)
			fail(ERR_ARG, `There is no process set ${JSON.stringify(pset_name)}: there are ${[...processSets.keys()].join(' and ')}.`, this);
		return new Group(engine().describeComm(comm).worldRanks);
	}

	/**
	 * Not supported: memory for buffered sends belongs to a communicator (`Comm.Attach_buffer()`) or to the process
	 * (`MPI.Attach_buffer()`).
	 */
	Attach_buffer(_buf: unknown): never {
		return this.#noBuffer('Attach_buffer()');
	}
	/** Not supported, as `Attach_buffer()`. */
	Detach_buffer(): never {
		return this.#noBuffer('Detach_buffer()');
	}
	/** Not supported, as `Attach_buffer()`. */
	Flush_buffer(): never {
		return this.#noBuffer('Flush_buffer()');
	}
	/** Not supported, as `Attach_buffer()`. */
	Iflush_buffer(): never {
		return this.#noBuffer('Iflush_buffer()');
	}

	/** A handler that calls the function with the session and the error's code, and then lets the error be thrown. */
	static Create_errhandler(errhandler_fn: ErrorFunction<Session>): Errhandler {
		return Errhandler.of(errhandler_fn);
	}
	Get_errhandler(): Errhandler {
		this.#living();
		return this.#errhandler;
	}
	Set_errhandler(errhandler: Errhandler): void {
		this.#living();
		this.#errhandler = Errhandler.checked(errhandler);
	}
	Call_errhandler(errorcode: number): void {
		this.#living();
		const code = anInt(errorcode, { name: 'errorcode' });
		this.onError(new Exception(code, { errorClass: Get_error_class(code) }));
	}

	/** @internal For error handlers. */
	get name(): string {
		return 'the session';
	}
	/** @internal */
	onError(error: Exception): void {
		this.#errhandler.handle(this, error);
	}

	#living(): void {
		if (this.handle === 0) fail(ERR_SESSION, 'There is no session: it is MPI.SESSION_NULL, or was finalized. MPI.Session.Init() makes one.');
	}

	#noBuffer(method: string): never {
		this.#living();
		const hint = 'Use that of the communicator, or MPI.Attach_buffer() for all of them.';
		return fail(
			ERR_UNSUPPORTED_OPERATION,
			`${method} of a session is supported on no engine: sessions have no memory for buffered sends. ${hint}`,
			this,
		);
	}
}

let nextHandle = 1;

export const SESSION_NULL: Session = new Session();

function checkInfo(info: Info | { readonly info?: Info | null } | null, owner: string): void {
	const given = keywordsOr<{ readonly info?: Info | null }>({
		owner,
		first: info,
		positional: { info: info as Info | null },
		defaults: { info: null },
	});
	entriesOf(given.info ?? null);
}
