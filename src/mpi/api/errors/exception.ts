/**
 * `MPI.Exception`: what every failure of MPI is thrown as. A *class* (ERR_RANK, …) is the same on every engine, and
 * what programs look at; a *code* is finer and an engine's own. Where the library notices the error itself, before an
 * engine is asked, the code is the class.
 */
import { NprocsError, type ErrorCode } from '../../../base/errors.ts';
import { ERR_UNKNOWN, SUCCESS } from '../../constants.ts';
import { knownClassOf, knownStringOf, nameOf } from './error-classes.ts';

export interface ExceptionDetails {
	/** MPI.ERR_*. */
	readonly errorClass?: number;
	/** What went wrong and what to do, in words. */
	readonly text?: string;
	readonly cause?: unknown;
}

export class Exception extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_MPI';
	/** As Get_error_code(). */
	readonly error_code: number;
	/** As Get_error_class(). */
	readonly error_class: number;

	/** @param ierr - an error class (MPI.ERR_*) or an error code */
	constructor(ierr: number = SUCCESS, details: ExceptionDetails = {}) {
		const errorClass = details.errorClass ?? knownClassOf(ierr) ?? ERR_UNKNOWN;
		super(messageOf(ierr, errorClass, details.text), 'cause' in details ? { cause: details.cause } : {});
		this.error_code = ierr;
		this.error_class = errorClass;
	}

	/** `MPI_ERR_RANK: …`: the class's name, and what went wrong. The same as `message`. */
	get error_string(): string {
		return this.message;
	}

	Get_error_code(): number {
		return this.error_code;
	}

	/** MPI.ERR_*: the same on every engine. */
	Get_error_class(): number {
		return this.error_class;
	}

	Get_error_string(): string {
		return this.message;
	}
}
Object.defineProperty(Exception.prototype, 'name', { value: 'MPI.Exception', writable: true, configurable: true });

function messageOf(code: number, errorClass: number, text: string | undefined): string {
	if (text === undefined || text === '') return knownStringOf(code) ?? knownStringOf(errorClass) ?? nameOf(errorClass);
	const name = nameOf(errorClass);
	return text.startsWith(name) ? text : `${name}: ${text}`;
}
