/**
 * What a manager's server can make: the program's classes and functions by the names under which they are registered,
 * and the objects of a SyncManager.
 */
import { ArgumentError, NprocsError } from '../base/errors.ts';
import { isPacked, packFunction, unpackFunction, type AnyFunction, type PackedFunction } from './functions.ts';
import { syncFactories } from './referents/factories.ts';
import { Queue } from '../queue/queue.ts';
import { SharedQueueReferent } from './referents/shared-queue.ts';
import { ListReferent, SetReferent } from './referents/list.ts';
import { DictReferent } from './referents/dict.ts';
import type { Registration } from './objects.ts';

/** As it was registered. The factory is absent in a client, which only names the type. */
export interface Definition extends Registration {
	readonly factory?: AnyFunction | undefined;
}

/** As it goes to a server process. */
export type SentDefinition = Registration & { readonly factory: PackedFunction | AnyFunction };

/** For a server in another process. `isCopied`: that is a copy of this one, which has the functions themselves. */
export function packDefinitions(definitions: readonly Definition[], { isCopied }: { isCopied: boolean }): SentDefinition[] {
	return definitions
		.filter(({ factory }) => factory !== undefined)
		.map((definition) => {
			const factory = definition.factory!;
			return { ...definition, factory: isCopied ? factory : packFunction(factory, `factory of ${definition.typeid}`) };
		});
}

/** `unwrap` gives the object for a proxy of this server's. */
type AnyFactory = (...args: unknown[]) => unknown;

/** Of a SyncManager's types, those made of other objects of the manager. */
const takesObjects = new Set(['Condition']);

type Make = (args: unknown[], unwrap: (arg: unknown) => unknown) => unknown;

export interface FactoriesOptions {
	/** Whether it has the types of a SyncManager too. */
	readonly isSync: boolean;
}

export class Factories {
	readonly #byTypeid = new Map<string, { readonly registration: Registration; readonly make: Make }>();

	/** Imports the modules of those that came as references. */
	static async from(definitions: readonly SentDefinition[], kind: FactoriesOptions): Promise<Factories> {
		const made = new Factories(kind);
		for (const definition of definitions) {
			const { factory } = definition;
			made.add(definition, isPacked(factory) ? await unpackFunction(factory) : factory);
		}
		return made;
	}

	constructor({ isSync }: FactoriesOptions) {
		if (!isSync) return;
		for (const [typeid, factory] of Object.entries(syncFactories)) {
			const make: Make = (args, unwrap) => (factory as AnyFactory)(...(takesObjects.has(typeid) ? args.map(unwrap) : args));
			this.#byTypeid.set(typeid, { registration: { typeid }, make });
		}
	}

	add(registration: Registration, factory: AnyFunction): void {
		const make: Make = isClass(factory)
			? (args): unknown => Reflect.construct(factory, args)
			: (args): unknown => (factory as (...args: unknown[]) => unknown)(...args);
		this.#byTypeid.set(registration.typeid, { registration, make });
	}

	find(typeid: unknown): { registration: Registration; make: Make } {
		const found = typeof typeid === 'string' ? this.#byTypeid.get(typeid) : undefined;
		if (found !== undefined) return found;
		const known = [...this.#byTypeid.keys()].join(', ') || 'none';
		throw new NprocsError(
			`Cannot create '${String(typeid)}': the manager's server knows no type of that name. It knows: ${known}. Register it, with its factory, in the program that starts the server.`,
			{ code: 'ERR_NPROCS_UNKNOWN_TYPE' },
		);
	}
}

/**
 * What the methods of the proxies of an object belong to: collections of the program's have those of a SyncManager's.
 */
export function referentFor(object: object): object {
	if (object instanceof Map) return new DictReferent(object);
	if (object instanceof Set) return new SetReferent(object);
	if (object instanceof Queue) return new SharedQueueReferent(object);
	return Array.isArray(object) ? new ListReferent(object) : object;
}

export function checkObject(made: unknown, typeid: string): object {
	if ((typeof made === 'object' && made !== null) || typeof made === 'function') return made;
	throw new ArgumentError(
		`Cannot create '${typeid}': its factory has returned ${made === null ? 'null' : `a ${typeof made}`}, and a proxy needs an object.`,
	);
}

/** Whether it is to be called with `new`. Compilers make functions of classes, which have methods. */
function isClass(factory: AnyFunction): boolean {
	if (/^class\b/.test(Function.prototype.toString.call(factory))) return true;
	const prototype = (factory as { prototype?: unknown }).prototype;
	return typeof prototype === 'object' && prototype !== null && Object.getOwnPropertyNames(prototype).length > 1;
}
