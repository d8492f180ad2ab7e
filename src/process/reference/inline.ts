/**
 * `inline(fn, captured)`: a function that crosses to another process as source text, with the values that it uses.
 * For those who want a closure where functions are otherwise sent by reference.
 */
import vm from 'node:vm';
import { describe } from '../../base/arguments.ts';
import { ArgumentError, NotImportableError } from '../../base/errors.ts';
import type { Target } from './named-target.ts';
import type { AnyFunction } from './target.ts';

export interface InlineSource {
	/** The function's text. */
	readonly source: string;
	/** The values of the names that the text uses from outside of itself. */
	readonly captured: Readonly<Record<string, unknown>>;
}

/**
 * Marks a function to be sent as text. It must not use names from outside but globals and those in `captured`, whose
 * values are copied when the process starts. Returns a function of the same type, which can also be called here.
 *
 * ```ts
 * const factor = 3;
 * new Process({ target: inline((n: number) => console.log(n * factor), { factor }), args: [14] }).start();
 * ```
 */
export function inline<F extends AnyFunction>(fn: F, captured: Readonly<Record<string, unknown>> = {}): F {
	if (typeof fn !== 'function') throw new ArgumentError(`Expected inline() to be given a function, got ${describe(fn)}.`);
	if (typeof captured !== 'object' || captured === null || Array.isArray(captured)) {
		throw new ArgumentError(`Expected inline() to be given an object of captured values, got ${describe(captured)}. Write inline(fn, { name }).`);
	}
	const source = Function.prototype.toString.call(fn);
	if (source.includes('[native code]')) {
		throw new NotImportableError(`Cannot send ${fn.name || 'this function'} as text: it is built-in or bound and has none.`);
	}
	// Here, too, the text is what runs: what cannot stand alone is refused now, and a name that is not captured is
	// missed everywhere.
	return revive({ source, captured }) as F;
}

/** The function that `inline` gave, in another process: it can be handed on. */
export function revive(inlined: InlineSource): AnyFunction {
	const compiled = compile(inlined);
	const call: AnyFunction = (...args) => compiled(...args);
	sources.set(call, inlined);
	return call;
}

/** What `inline` was given, when the function comes from there. */
export function inlineSourceOf(fn: Target): InlineSource | undefined {
	return typeof fn === 'function' ? sources.get(fn) : undefined;
}

/** Makes a function of the text again. */
export function compile({ source, captured }: InlineSource): AnyFunction {
	const names = Object.keys(captured);
	const values = Object.values(captured);
	if (!names.includes('__name')) {
		// esbuild-based loaders write calls of this helper into functions.
		names.push('__name');
		values.push((fn: unknown) => fn);
	}
	const options = { importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER, filename: 'nprocs-inline' };
	let failure: unknown;
	// A method's text (`work() {}`) is an expression only inside an object literal.
	for (const body of [`return (${source}\n);`, `return Object.values({ ${source} })[0];`]) {
		try {
			return vm.compileFunction(body, names, options)(...values) as AnyFunction;
		} catch (error) {
			failure ??= error;
		}
	}
	throw new NotImportableError(`Cannot make a function of this text: ${String(failure)}. Its text begins with: ${source.slice(0, 80)}`, {
		cause: failure,
	});
}

const sources = new WeakMap<AnyFunction, InlineSource>();
