/**
 * The blocks of this rank, lent to messages; and those of others, as they are mapped here.
 *
 * A block is lent to a message until its receiver has read all of it, which may be long after the send was complete. At
 * most 8 are lent to messages that nobody may be waiting for; some more are kept for those whose receivers have asked
 * for them, so that they can never be all taken by messages that must wait for others.
 */
import { Block, blockExtentBytes } from './block.ts';
import type { Job } from '../job/job.ts';

const mostUnasked = 8;
const mostAsked = 4;

interface Lent {
	readonly block: Block;
	readonly length: number;
}

/** Whether the receiver has asked for the block, since it has matched the message. */
type Why = 'asked for' | 'unasked';

export class BlockPool {
	readonly #job: Job;
	readonly #free: Block[] = [];
	readonly #lent: Lent[] = [];
	readonly #others = new Map<number, Block>();
	#count = 0;

	constructor(job: Job) {
		this.#job = job;
	}

	/** One for a message of this length; undefined when there is none now. */
	lend(length: number, why: Why): Block | undefined {
		if (this.#free.length === 0) this.#reclaim();
		const block = this.#free.length > (why === 'asked for' ? 0 : this.#kept()) ? this.#free.pop()! : this.#make(why);
		if (block === undefined) return undefined;
		block.prepare();
		this.#lent.push({ block, length });
		return block;
	}

	/** Nobody was told of it. */
	takeBack(block: Block): void {
		this.#lent.splice(
			this.#lent.findIndex((lent) => lent.block === block),
			1,
		);
		this.#free.push(block);
	}

	/** Of another rank. */
	open(page: number): Block {
		const known = this.#others.get(page);
		if (known !== undefined) return known;
		const opened = new Block(page, this.#job.map(page, blockExtentBytes));
		this.#others.set(page, opened);
		return opened;
	}

	/** Before this rank sleeps, waiting for a block or for room in one. */
	want(): void {
		for (const { block } of this.#lent) block.want();
	}

	/** Of all blocks beyond the first 8, so many are left alone by messages that were not asked for. */
	#kept(): number {
		return Math.max(0, this.#count - mostUnasked);
	}

	#make(why: Why): Block | undefined {
		if (this.#count >= (why === 'asked for' ? mostUnasked + mostAsked : mostUnasked)) return undefined;
		let page: number;
		try {
			page = this.#job.reserve(blockExtentBytes);
		} catch (error) {
			if (this.#count > 0) return undefined; // /dev/shm is full: it goes on with those that there are
			throw error;
		}
		this.#count++;
		return new Block(page, this.#job.map(page, blockExtentBytes));
	}

	#reclaim(): void {
		for (let i = this.#lent.length - 1; i >= 0; i--) {
			const { block, length } = this.#lent[i]!;
			if (!block.isRead(length)) continue;
			this.#lent.splice(i, 1);
			this.#free.push(block);
		}
	}
}
