/**
 * Functions as those know them who send many calls: each is found once, gets a number, and is told to a worker before
 * the first call that needs it.
 */
import { checkTarget, isNamedTarget, type NamedTarget, type Reference, type Target } from '../process/reference/named-target.ts';
import { compile, inlineSourceOf } from '../process/reference/inline.ts';
import { importReference, referenceTo, type AnyFunction } from '../process/reference/target.ts';

export interface TaskFunction {
	readonly id: number;
	/** For messages and displays. */
	readonly name: string;
	readonly definition: FunctionDefinition;
	/** What one call takes, on average, in microseconds; undefined until one has been measured. */
	meanUs: number | undefined;
	/** Where the latest call was made whose place was looked up. */
	place?: { stack?: string };
}

/** In a form that can be sent. */
export interface FunctionDefinition {
	readonly reference: Reference | null;
	/** Of one from `inline`. */
	readonly source: string | null;
	readonly captured: Readonly<Record<string, unknown>> | null;
}

export class FunctionTable {
	readonly #byFunction = new WeakMap<object, TaskFunction>();
	readonly #byName = new Map<string, TaskFunction>();
	#lastId = 0;

	/** Throws an ArgumentError or a NotImportableError, which says what to do. */
	of(target: Target): TaskFunction {
		const known = typeof target === 'function' ? this.#byFunction.get(target) : undefined;
		return known ?? this.#find(target);
	}

	#find(target: Target): TaskFunction {
		checkTarget(target, 'fn');
		if (!isNamedTarget(target)) {
			const made = this.#make(target, target.name);
			this.#byFunction.set(target, made);
			return made;
		}
		const key = keyOf(target);
		let made = this.#byName.get(key);
		if (made === undefined) this.#byName.set(key, (made = this.#make(target, target.name)));
		return made;
	}

	#make(target: Target, name: string): TaskFunction {
		const inlined = inlineSourceOf(target);
		const reference = inlined === undefined ? referenceTo(target, 'fn') : null;
		const definition = { reference, source: inlined?.source ?? null, captured: inlined?.captured ?? null };
		return { id: ++this.#lastId, name: name || reference?.path.at(-1) || 'an inline function', definition, meanUs: undefined };
	}
}

/** In a worker. */
export function resolveFunction({ reference, source, captured }: FunctionDefinition): Promise<AnyFunction> | AnyFunction {
	if (reference === null) return compile({ source: source!, captured: captured! });
	return importReference(reference);
}

function keyOf({ module, name }: NamedTarget): string {
	return `${String(module)} ${name}`;
}
