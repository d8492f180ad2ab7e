/**
 * An operation in both its forms, in the event loop and blocking the thread, of which the steps are written once: as a
 * generator that gives, wherever it has to wait, how that is done in either form. A form's driver waits in its way, and
 * hands what came of it back to the generator, an error as one that is thrown there.
 *
 * For what is done once for a connection, a start or a long wait. What is done for each message has its two forms
 * written out: the first attempt, which does without any of this, is most of it.
 */
export type BothForms<R> = Generator<Pause, R, unknown>;

interface Pause {
	readonly inLoop: () => unknown;
	readonly blocking: () => unknown;
}

/** To be called with `yield*`: one step, which is done in one way or the other. */
export function* either<T>(inLoop: () => T | Promise<T>, blocking: () => T): BothForms<T> {
	return (yield { inLoop, blocking }) as T;
}

/** The steps before the first pause are done at once. */
export async function inLoop<R>(steps: BothForms<R>): Promise<R> {
	let step = steps.next();
	while (step.done !== true) {
		let came: unknown;
		try {
			const { inLoop: wait } = step.value;
			came = await wait();
		} catch (error) {
			step = steps.throw(error);
			continue;
		}
		step = steps.next(came);
	}
	return step.value;
}

/** As `inLoop`, but blocks this thread. */
export function blocking<R>(steps: BothForms<R>): R {
	let step = steps.next();
	while (step.done !== true) {
		let came: unknown;
		try {
			const { blocking: wait } = step.value;
			came = wait();
		} catch (error) {
			step = steps.throw(error);
			continue;
		}
		step = steps.next(came);
	}
	return step.value;
}
