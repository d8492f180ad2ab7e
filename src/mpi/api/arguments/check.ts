/**
 * From an engine's error code to an exception, and errors that are noticed before an engine is asked. Who was used (a
 * communicator, a window, a file) has a say in what becomes of an error, by its error handler; nobody else throws an
 * MPI.Exception.
 */
import { Exception } from '../errors/exception.ts';
import { engine } from '../environment/lifecycle.ts';

/** Something that has an error handler. It may end the job; when it comes back, the error is thrown. */
export interface ErrorOwner {
	onError(error: Exception): void;
}

/** Throws when an engine's function has not given 0. */
export function check(code: number, owner?: ErrorOwner): void {
	if (code !== 0) raise(exceptionFor(code), owner);
}

/** As check, for functions that give a request, a number ≥ 0, or minus an error code. */
export function checkRequest(request: number, owner?: ErrorOwner): number {
	if (request < 0) raise(exceptionFor(-request), owner);
	return request;
}

/** The error of a call that cannot be done: `message` says why, and what to do. */
export function fail(errorClass: number, message: string, owner?: ErrorOwner): never {
	return raise(new Exception(errorClass, { errorClass, text: message }), owner);
}

export function raise(error: Exception, owner?: ErrorOwner): never {
	owner?.onError(error);
	throw error;
}

/** What an engine's code means. */
export function exceptionFor(code: number): Exception {
	const errorClass = engine().errorClass(code);
	const text = engine().errorString(code);
	// Numbers of classes are ours: an engine's own code that looks like one of them would be taken for another class.
	return new Exception(code < 1024 ? errorClass : code, { errorClass, text });
}
