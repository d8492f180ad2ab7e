/**
 * Attributes: values that a program keeps with a communicator, a datatype or a window, under keys of its own
 * (*keyvals*). What is copied when the object is duplicated, and what is done when an attribute goes away, the key
 * says. All of it lies in this process.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_KEYVAL, ERR_OTHER, KEYVAL_INVALID } from '../../constants.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';
import { Exception } from '../errors/exception.ts';

/** Gives the value that the duplicate has; undefined: it has none. `true`: the same. */
export type CopyFunction<Owner> = boolean | ((owner: Owner, keyval: number, value: never) => unknown);
/** Called before an attribute is deleted or replaced, and when its object is freed. */
export type DeleteFunction<Owner> = boolean | ((owner: Owner, keyval: number, value: never) => void);

export interface KeyvalOptions<Owner> {
	copy_fn?: CopyFunction<Owner> | null;
	delete_fn?: DeleteFunction<Owner> | null;
	/** As in mpi4py; no difference here. */
	nopython?: boolean;
}

/** What one kind of objects has of keys: those of communicators mean nothing to windows. */
export class Keyvals<Owner extends object> {
	readonly #keys = new Map<number, Key<Owner>>();
	readonly #attributes = new WeakMap<Owner, Map<number, unknown>>();

	create(copyOrOptions?: CopyFunction<Owner> | KeyvalOptions<Owner> | null, deleteFn?: DeleteFunction<Owner> | null): number {
		const isOptions = typeof copyOrOptions === 'object' && copyOrOptions !== null;
		const copy = callback('copy_fn', isOptions ? copyOrOptions.copy_fn : copyOrOptions);
		const remove = callback('delete_fn', isOptions ? copyOrOptions.delete_fn : deleteFn);
		const keyval = nextKeyval++;
		this.#keys.set(keyval, {
			copy: copy as Key<Owner>['copy'],
			remove: typeof remove === 'function' ? (remove as Key<Owner>['remove']) : undefined,
			isFree: false,
		});
		return keyval;
	}

	/** No attribute can be set under it any more; those that are there stay until they are deleted. */
	free(keyval: number): number {
		this.#key(keyval).isFree = true;
		return KEYVAL_INVALID;
	}

	get(owner: Owner, keyval: number): unknown {
		this.#key(keyval);
		return this.#attributes.get(owner)?.get(keyval) ?? null;
	}

	set(owner: Owner & ErrorOwner, keyval: number, value: unknown): void {
		this.#key(keyval);
		const attributes = this.#attributes.get(owner) ?? new Map<number, unknown>();
		if (attributes.has(keyval)) this.delete(owner, keyval);
		attributes.set(keyval, value);
		this.#attributes.set(owner, attributes);
	}

	delete(owner: Owner & ErrorOwner, keyval: number): void {
		const { remove } = this.#key(keyval, { isFreeAllowed: true });
		const attributes = this.#attributes.get(owner);
		if (attributes?.has(keyval) !== true) return;
		const value = attributes.get(keyval);
		attributes.delete(keyval);
		if (remove !== undefined) calling('delete_fn', owner, () => remove(owner, keyval, value));
	}

	/** What the keys say of a duplicate. */
	copyAll(from: Owner & ErrorOwner, to: Owner): void {
		const copies = new Map<number, unknown>();
		for (const [keyval, value] of this.#attributes.get(from) ?? []) {
			const { copy } = this.#keys.get(keyval)!;
			if (copy === false) continue;
			const copied = copy === true ? value : calling('copy_fn', from, () => copy(from, keyval, value));
			if (copied !== undefined) copies.set(keyval, copied);
		}
		if (copies.size > 0) this.#attributes.set(to, copies);
	}

	/** The object is about to be freed. The last attribute that was set goes first. */
	deleteAll(owner: Owner & ErrorOwner): void {
		for (const keyval of [...(this.#attributes.get(owner)?.keys() ?? [])].reverse()) this.delete(owner, keyval);
	}

	#key(keyval: number, { isFreeAllowed = false } = {}): Key<Owner> {
		const key = this.#keys.get(keyval);
		if (key !== undefined && (isFreeAllowed || !key.isFree)) return key;
		const hint = key === undefined ? 'Create_keyval() gives them' : 'it was freed';
		return fail(ERR_KEYVAL, `There is no key ${String(keyval)} of attributes of these objects: ${hint}.`);
	}
}

interface Key<Owner> {
	readonly copy: boolean | ((owner: Owner, keyval: number, value: unknown) => unknown);
	readonly remove: ((owner: Owner, keyval: number, value: unknown) => void) | undefined;
	isFree: boolean;
}

/** Above those of MPI's own attributes, for all kinds. */
let nextKeyval = 1_700_000_000;

function callback(name: string, given: unknown): boolean | Function {
	if (given === undefined || given === null) return false;
	if (typeof given === 'boolean' || typeof given === 'function') return given;
	throw new ArgumentError(`Expected \`${name}\` of Create_keyval() to be a function, a boolean or null, got ${describe(given)}.`);
}

/** What the program's function throws is the cause of an MPI.Exception. */
function calling<T>(name: string, owner: ErrorOwner, call: () => T): T {
	try {
		return call();
	} catch (cause) {
		const error = new Exception(ERR_OTHER, { text: `the function \`${name}\` of an attribute has thrown: ${String(cause)}`, cause });
		owner.onError(error);
		throw error;
	}
}
