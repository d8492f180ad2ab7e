/** What is acquired and released, and the ways of using it that are made of these two calls. */
import { aFunction, checkArgument } from '../base/arguments.ts';
import type { Wait } from '../base/deadline.ts';
import { TimeoutError } from '../base/errors.ts';
import { releasedOnce, SharedObject } from './shared-object.ts';

export abstract class Acquirable extends SharedObject {
	/** Resolves to false when the time is up. */
	abstract acquire(wait?: Wait): Promise<boolean>;
	abstract acquireSync(wait?: Wait): boolean;
	abstract release(): void;

	/** `using _ = await lock.hold()`. Rejects with a TimeoutError when the time is up. */
	async hold(wait?: Wait): Promise<Disposable> {
		if (!(await this.acquire(wait))) throw this.late();
		return this.untilDisposed();
	}

	/** `using _ = lock.holdSync()`. Throws a TimeoutError when the time is up. */
	holdSync(wait?: Wait): Disposable {
		if (!this.acquireSync(wait)) throw this.late();
		return this.untilDisposed();
	}

	/**
	 * Runs the function while it is held, and gives the function's result. Rejects with a TimeoutError when the time is
	 * up.
	 */
	async run<T>(fn: () => T | Promise<T>, wait?: Wait): Promise<T> {
		checkArgument('the function to run', fn, aFunction);
		if (!(await this.acquire(wait))) throw this.late();
		try {
			return await fn();
		} finally {
			this.release();
		}
	}

	/** As `run`, blocking this thread while it waits. */
	runSync<T>(fn: () => T, wait?: Wait): T {
		checkArgument('the function to run', fn, aFunction);
		if (!this.acquireSync(wait)) throw this.late();
		try {
			return fn();
		} finally {
			this.release();
		}
	}

	protected untilDisposed(): Disposable {
		return releasedOnce(() => this.release());
	}

	protected late(): TimeoutError {
		return new TimeoutError(`Could not acquire the ${this.segment.kind} in time.`);
	}
}
