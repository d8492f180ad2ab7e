/**
 * What the two sides of a queue have in common, as their users see them: a life of their own, and a handle.
 *
 * One that was made by a whole queue is a *view*: it holds nothing itself, and is closed with the queue. One that came
 * from another process has a life of its own, and holds its side.
 */
import { inspect } from 'node:util';
import { isOf, type Kind } from '../base/arguments.ts';
import { ArgumentError, ClosedError } from '../base/errors.ts';
import { toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { QueueAccess } from './access.ts';
import type { Side } from '../stream/departures.ts';

const anAccess: Kind = { what: 'made by a queue', has: (access) => access instanceof QueueAccess };

export type Life = 'own' | 'view';

export abstract class QueueSide implements Shareable, Disposable, AsyncDisposable {
	/** @internal */
	protected readonly access: QueueAccess;
	readonly #side: Side;
	readonly #life: Life;
	#closed = false;

	/** @internal */
	constructor(access: QueueAccess, side: Side, life: Life) {
		if (!isOf(anAccess, access)) {
			throw new ArgumentError(`Expected a ${new.target.name} to be made by a queue: write \`queue.${side}()\`.`);
		}
		this.access = access;
		this.#side = side;
		this.#life = life;
	}

	/** Whether this one was closed here, or the queue that it is a view of. */
	get closed(): boolean {
		return this.#closed || this.access.stream.closed;
	}

	/**
	 * This process is done with it: its pending calls end with a ClosedError. A view's queue stays open. Idempotent.
	 */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		if (this.#life === 'view') {
			if (!this.access.stream.closed) this.access.stream.lookAgain();
		} else this.access.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	[toHandle](): Handle {
		this.checkOpen();
		return this.access.handle(this.#side);
	}

	[inspect.custom](): string {
		return `<${this.constructor.name} ${this.closed ? 'closed' : this.describe()}>`;
	}

	/** @internal */
	protected describe(): string {
		const { isEnded, ring } = this.access.stream;
		return `size=${ring.count()}${isEnded ? ' ended' : ''}`;
	}

	/** @internal */
	protected checkOpen(): void {
		if (this.#closed) throw new ClosedError(`This ${this.constructor.name} is closed: this process has closed it before.`);
		this.access.stream.checkOpen();
	}
}
