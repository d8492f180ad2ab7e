/**
 * Generalized requests: what a program does itself, as a request that is waited for with others. The program says when
 * it is complete; MPI asks it then for the status.
 *
 * Only the one thread of a rank calls MPI, so a wait that blocks could not see it completed: such a request is awaited,
 * or tested.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_REQUEST } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import { NO_NUMBER, type Operation } from './operation.ts';
import { Request, type StatusArgument } from './request.ts';
import { Status } from './status.ts';

/** Given the `args` of `Start()` behind their own. */
export interface GrequestOptions {
	/** Fills the status, when the request is complete. */
	readonly query_fn?: ((status: Status, ...args: never[]) => void) | null;
	/** Called when the request has gone. */
	readonly free_fn?: ((...args: never[]) => void) | null;
	/** Called by `Cancel()`. */
	readonly cancel_fn?: ((completed: boolean, ...args: never[]) => void) | null;
	readonly args?: readonly unknown[] | null;
}

type Callbacks = { readonly [Name in keyof GrequestOptions]-?: Exclude<GrequestOptions[Name], undefined> };

const defaults: Callbacks = { query_fn: null, free_fn: null, cancel_fn: null, args: null };

export class Grequest extends Request {
	readonly #own: ProgramOperation;

	/** @internal `Start` makes them. */
	constructor(own: ProgramOperation) {
		super(own);
		this.#own = own;
	}

	/** A request that is complete when `Complete()` of it was called. */
	static Start(
		query_fn: GrequestOptions['query_fn'] | GrequestOptions = null,
		free_fn: Callbacks['free_fn'] = null,
		cancel_fn: Callbacks['cancel_fn'] = null,
		args: Callbacks['args'] = null,
	): Grequest {
		const given = keywordsOr<GrequestOptions>({
			owner: 'Start()',
			first: query_fn,
			positional: { query_fn: query_fn as Callbacks['query_fn'], free_fn, cancel_fn, args },
			defaults,
		});
		for (const name of ['query_fn', 'free_fn', 'cancel_fn'] as const) {
			const fn = given[name];
			if (fn !== null && fn !== undefined && typeof fn !== 'function')
				throw new ArgumentError(`Expected \`${name}\` of Start() to be a function or null, got ${describe(fn)}.`);
		}
		if (given.args !== null && given.args !== undefined && !Array.isArray(given.args))
			throw new ArgumentError(`Expected \`args\` of Start() to be an array, got ${describe(given.args)}.`);
		return new Grequest(new ProgramOperation({ ...defaults, ...given }));
	}

	/** Says that it is complete: who awaits it goes on. */
	Complete(): void {
		if (this.#own.isComplete) fail(ERR_REQUEST, 'Cannot complete a generalized request twice.');
		this.#own.isComplete = true;
		if (!this.isIdle) this.poll();
	}
	complete(): void {
		this.Complete();
	}

	override Wait(status?: StatusArgument): true {
		this.#own.refuseBlocking();
		return super.Wait(status);
	}
	override wait(status?: StatusArgument): void {
		this.#own.refuseBlocking();
		super.wait(status);
	}
}

class ProgramOperation implements Operation<void> {
	isComplete = false;
	readonly #callbacks: Callbacks;
	readonly #args: never[];

	constructor(callbacks: Callbacks) {
		this.#callbacks = callbacks;
		this.#args = [...(callbacks.args ?? [])] as never[];
	}

	get number(): number {
		return NO_NUMBER;
	}

	refuseBlocking(): void {
		if (this.isComplete) return;
		fail(
			ERR_REQUEST,
			'Cannot block on a generalized request that is not complete: this thread is the one that is to call its Complete(). Await the request, or look at it with Test().',
		);
	}

	advance(status: Status): boolean {
		if (!this.isComplete) return false;
		this.#callbacks.query_fn?.(status, ...this.#args);
		this.#callbacks.free_fn?.(...this.#args);
		return true;
	}

	block(status: Status | undefined): void {
		this.refuseBlocking();
		this.advance(status ?? new Status());
	}

	finishWith(): void {}

	value(): void {}

	cancel(): void {
		this.#callbacks.cancel_fn?.(this.isComplete, ...this.#args);
	}

	free(): void {
		this.#callbacks.free_fn?.(...this.#args);
	}
}
