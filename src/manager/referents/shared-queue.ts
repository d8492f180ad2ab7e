/**
 * A queue in shared memory that a program's factory has given: its proxies are as those of the manager's own queues, so
 * that clients on other machines can use it, too. What was taken for a client that died meanwhile is put back, behind
 * the others.
 */
import { JoinableQueue } from '../../queue/joinable-queue.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Call } from '../call.ts';
import { Referent } from './referent.ts';

export class SharedQueueReferent extends Referent {
	readonly kind: string;
	readonly #queue: Queue<unknown>;

	constructor(queue: Queue<unknown>) {
		super();
		this.#queue = queue;
		this.kind = queue instanceof JoinableQueue ? 'JoinableQueueProxy' : 'QueueProxy';
	}

	get content(): unknown {
		return this.#queue;
	}

	put(call: Call, item: unknown, timeoutMs?: number): Promise<void> {
		return this.#queue.put(item, patience(call, timeoutMs));
	}

	putMany(call: Call, items: Iterable<unknown>, timeoutMs?: number): Promise<void> {
		return this.#queue.putMany(items, patience(call, timeoutMs));
	}

	async get(call: Call, timeoutMs?: number): Promise<unknown> {
		const item = await this.#queue.get(patience(call, timeoutMs));
		call.undo = () => this.putBack(call, item);
		if (call.isSettled) call.undo(call);
		return item;
	}

	async getMany(call: Call, most?: number, timeoutMs?: number): Promise<unknown[]> {
		const items = await this.#queue.getMany(most, patience(call, timeoutMs));
		call.undo = () => this.putBackMany(call, items);
		if (call.isSettled) call.undo(call);
		return items;
	}

	putNowait(_call: Call, item: unknown): void {
		this.#queue.putNowait(item);
	}

	getNowait(call: Call): Promise<unknown> {
		return this.get(call, 0);
	}

	qsize(): number {
		return this.#queue.qsize();
	}

	empty(): boolean {
		return this.#queue.empty();
	}

	full(): boolean {
		return this.#queue.full();
	}

	finish(): void {
		this.#queue.end();
	}

	/** The queue's own: of the machine's shared memory, where the processes of this machine use it themselves. */
	sender(): unknown {
		return this.#queue.sender();
	}

	receiver(): unknown {
		return this.#queue.receiver();
	}

	taskDone(): void {
		(this.#queue as JoinableQueue<unknown>).taskDone();
	}

	join(call: Call, timeoutMs?: number): Promise<boolean> {
		return (this.#queue as JoinableQueue<unknown>).join(patience(call, timeoutMs));
	}

	putBack(call: Call, item: unknown): void {
		this.putBackMany(call, [item]);
	}

	putBackMany(_call: Call, items: unknown[]): void {
		const { kind } = this;
		void this.#queue.putMany(items).then(() => {
			if (kind === 'JoinableQueueProxy') for (const _ of items) this.taskDone();
		});
	}
}

function patience(call: Call, timeout: number | undefined): { timeout: number | undefined; signal: AbortSignal } {
	return { timeout, signal: call.signal };
}
