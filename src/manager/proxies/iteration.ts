/** Iterating over what lies in a server. */
import { defineProxyClass } from '../auto-proxy.ts';
import { BaseProxy, callRemote } from '../proxy.ts';
import type { Batch } from '../referents/iterators.ts';

/** How many items come at once. */
const batchSize = 64;

/** An iteration in the server. It ends with its proxy. */
export class IteratorProxy extends BaseProxy {}
defineProxyClass(IteratorProxy);

/** The items of an iteration that was begun. */
export async function* itemsOf<T>(begun: Promise<unknown>): AsyncGenerator<T, void, void> {
	const iterator = (await begun) as IteratorProxy;
	try {
		for (;;) {
			const { items, isDone } = (await callRemote(iterator, 'take', [batchSize])) as Batch;
			yield* items as T[];
			if (isDone) return;
		}
	} finally {
		// Nobody waits for the answer; a server that is dead has ended it, too.
		callRemote(iterator, 'return', []).catch(() => {});
		iterator[Symbol.dispose]();
	}
}

/** As `itemsOf`, of an iteration that begins when the first item is asked for. */
export async function* iterate<T>(proxy: BaseProxy): AsyncGenerator<T, void, void> {
	yield* itemsOf<T>(callRemote(proxy, 'iterate', []));
}

/** An iterator that a method has returned. Each step is a call. */
export class GeneratorProxy<T = unknown> extends BaseProxy implements AsyncIterableIterator<T> {
	next(...args: [] | [unknown]): Promise<IteratorResult<T, undefined>> {
		return callRemote(this, 'next', args) as Promise<IteratorResult<T, undefined>>;
	}

	return(value?: unknown): Promise<IteratorResult<T, undefined>> {
		return callRemote(this, 'return', [value]) as Promise<IteratorResult<T, undefined>>;
	}

	throw(error?: unknown): Promise<IteratorResult<T, undefined>> {
		return callRemote(this, 'throw', [error]) as Promise<IteratorResult<T, undefined>>;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}
}
defineProxyClass(GeneratorProxy);
