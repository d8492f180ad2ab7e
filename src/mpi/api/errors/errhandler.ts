/**
 * What becomes of an error: an exception (`ERRORS_RETURN`: an error code in C), the end of the job (`ERRORS_ARE_FATAL`,
 * `ERRORS_ABORT`), or what a function of the program's does, and then an exception. On every engine it is done here;
 * engines always return their codes.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG } from '../../constants.ts';
import { writeToStderr } from '../../../process/start/uncaught.ts';
import type { Exception } from './exception.ts';
import { fail } from '../arguments/check.ts';
import { abortJob } from '../environment/lifecycle.ts';

/** Given who was used (the communicator, window or file) and the error's code. */
export type ErrorFunction<Owner> = (owner: Owner, errorCode: number) => void;

type Kind = 'null' | 'return' | 'fatal' | 'function';

export class Errhandler {
	#kind: Kind;
	readonly #fn: ErrorFunction<never> | undefined;

	private constructor(kind: Kind, fn?: ErrorFunction<never>) {
		this.#kind = kind;
		this.#fn = fn;
	}

	/** @internal */
	static predefined(kind: 'null' | 'return' | 'fatal'): Errhandler {
		return new Errhandler(kind);
	}

	/** @internal What Create_errhandler() of a class makes. */
	static of<Owner>(fn: ErrorFunction<Owner>): Errhandler {
		if (typeof fn !== 'function') throw new ArgumentError(`Expected Create_errhandler() to be given a function, got ${describe(fn)}.`);
		return new Errhandler('function', fn as ErrorFunction<never>);
	}

	/** The handler is not used any more; whoever has it keeps it. */
	Free(): void {
		if (this.#kind !== 'function') fail(ERR_ARG, 'Cannot free a predefined error handler: it is for all programs.');
		this.#kind = 'null';
	}

	/** As `Free()`, without an error for one that is predefined, null or freed. */
	free(): void {
		if (this.#kind === 'function') this.Free();
	}

	/** @internal Comes back when the error is to be thrown. */
	handle(owner: { readonly handle: number; readonly name: string }, error: Exception): void {
		if (this.#kind === 'fatal') {
			writeToStderr(`${error.message}\nThe error handler of ${owner.name} is MPI.ERRORS_ARE_FATAL: the job ends.\n${stackOf(error)}`);
			abortJob(owner.handle, 1);
		}
		this.#fn?.(owner as never, error.error_code);
	}

	/** @internal Refuses what cannot be set. */
	static checked(errhandler: unknown): Errhandler {
		if (!(errhandler instanceof Errhandler)) {
			throw new ArgumentError(`Expected an MPI.Errhandler, such as MPI.ERRORS_RETURN, got ${describe(errhandler)}.`);
		}
		if (errhandler.#kind === 'null') fail(ERR_ARG, 'Cannot set MPI.ERRHANDLER_NULL, or one that was freed: use MPI.ERRORS_RETURN.');
		return errhandler;
	}
}

export const ERRHANDLER_NULL: Errhandler = Errhandler.predefined('null');
/** Errors are thrown as MPI.Exception: the default, as in mpi4py. */
export const ERRORS_RETURN: Errhandler = Errhandler.predefined('return');
/** An error is printed and ends the job. */
export const ERRORS_ARE_FATAL: Errhandler = Errhandler.predefined('fatal');
export const ERRORS_ABORT: Errhandler = Errhandler.predefined('fatal');

function stackOf(error: Error): string {
	return `${(error.stack ?? '').split('\n').slice(1).join('\n')}\n`;
}
