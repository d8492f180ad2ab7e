/**
 * Functions inside shared objects cross by reference: the module that defines them and the name of the export. How a
 * reference is found, and a function by it, is known further up (process/reference/target.ts), where this is told when
 * the module is loaded.
 */
import { NotImportableError } from '../base/errors.ts';
import { loadPart } from '../base/parts.ts';

export type Callable = (...args: never[]) => unknown;

/** Plain data, for the handle of an object. */
export interface FunctionReference {
	readonly url: string;
	readonly path: readonly string[];
}

export interface FunctionReferences {
	/** Throws NotImportableError. `role` is what the function is in its user's eyes. */
	refer(fn: Callable, role: string): FunctionReference;
	/** Imports the module. Rejects with what the import throws, or NotImportableError. */
	load(reference: FunctionReference): Promise<Callable>;
	/** The same without waiting: of a module that was imported before, or that `require()` can load. */
	loadSync(reference: FunctionReference): Callable;
}

let known: FunctionReferences | undefined;

/** Called once, when the module that knows is loaded. */
export function registerFunctionReferences(references: FunctionReferences): void {
	known = references;
}

export function functionReferences(): FunctionReferences {
	if (known === undefined) loadPart('process');
	if (known === undefined) {
		throw new NotImportableError("Cannot send a function: this process has not loaded the part of nprocs that can. Import it from 'nprocs'.");
	}
	return known;
}
