/**
 * A generator in a worker, whose values go to the pool as they come. It is at most a window ahead of its consumer, who
 * says in shared memory how many values he has taken; when he leaves, the generator's `finally` blocks run.
 */
import { Deadline } from '../../base/deadline.ts';
import { ArgumentError } from '../../base/errors.ts';
import { isTurnDue, turn } from '../../wait/turn.ts';
import { waitFor } from '../../wait/waiter.ts';
import { asked, type PoolLink } from '../link/link.ts';
import { reply } from '../link/messages.ts';
import type { RunningTask } from './running-task.ts';

interface Giving {
	readonly link: PoolLink;
	readonly task: RunningTask;
	readonly window: number;
	readonly give: (message: [number, unknown]) => void;
}

export async function giveAll(made: unknown, { link, task, window, give }: Giving): Promise<void> {
	const { asked: words, askedSet } = link;
	const mayGoOn = (given: number): boolean => task.isUnwanted || given - Atomics.load(words, asked.credit) < window;
	Atomics.store(words, asked.credit, 0);
	let given = 0;
	for await (const value of iterated(made)) {
		if (task.isUnwanted) return;
		give([reply.yielded, value]);
		given++;
		if (!mayGoOn(given)) await waitFor(askedSet, () => mayGoOn(given) || undefined, Deadline.never, { independent: true });
		if (isTurnDue()) await turn();
		if (task.isUnwanted) return; // and `for await` closes it
	}
}

function iterated(made: unknown): AsyncIterable<unknown> {
	const iterable = made as Partial<AsyncIterable<unknown>> & Partial<Iterable<unknown>>;
	if (typeof iterable?.[Symbol.asyncIterator] === 'function') return iterable as AsyncIterable<unknown>;
	if (typeof iterable?.[Symbol.iterator] === 'function') return iterable as unknown as AsyncIterable<unknown>;
	throw new ArgumentError('Expected the function of Pool.stream() to be a generator function, or to return something that can be iterated over.');
}
