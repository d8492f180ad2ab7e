/** Blocks of shared memory that all end at one moment. */
import { NprocsError } from '../base/errors.ts';
import { ShareableList, type ShareableItem } from './shareable-list.ts';
import { SharedMemory } from './shared-memory.ts';

/**
 * As Python's `multiprocessing.managers.SharedMemoryManager`, but without a process of its own: the kernel frees its
 * blocks when its process ends, whatever ends it. Until `shutdown()` any process can open them by name; afterwards
 * nobody can.
 */
export class SharedMemoryManager implements Disposable, AsyncDisposable {
	#state: 'initial' | 'started' | 'shutdown' = 'initial';
	readonly #blocks: SharedMemory[] = [];

	/** Begins. The effect is there when it returns. */
	start(): Promise<SharedMemoryManager> {
		if (this.#state !== 'initial') throw stateError(`it was started already`);
		this.#state = 'started';
		return Promise.resolve(this);
	}

	/** A new block of `size` bytes. */
	SharedMemory(size: number): SharedMemory {
		this.#assertStarted();
		const block = new SharedMemory({ create: true, size });
		this.#keep(block);
		return block;
	}

	/** A new list of these values. */
	ShareableList(values: Iterable<ShareableItem>): ShareableList {
		this.#assertStarted();
		const list = new ShareableList(values);
		this.#keep(list.shm);
		return list;
	}

	/** Frees all blocks: they are closed here, and their names are removed. Idempotent. */
	shutdown(): Promise<void> {
		this.#state = 'shutdown';
		for (const block of this.#blocks.splice(0)) {
			try {
				block.unlink();
			} catch (error) {
				if ((error as NprocsError).code !== 'ERR_NPROCS_NOT_FOUND') throw error;
			}
			block.close();
		}
		return Promise.resolve();
	}

	[Symbol.dispose](): void {
		void this.shutdown();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}

	/** Holds the block until the end, whenever its user closes his handle. */
	#keep(block: SharedMemory): void {
		this.#blocks.push(new SharedMemory({ name: block.name }));
	}

	#assertStarted(): void {
		if (this.#state !== 'started') throw stateError(this.#state === 'initial' ? 'call `start()` first' : 'it was shut down');
	}
}

function stateError(why: string): NprocsError {
	return new NprocsError(`Cannot use the SharedMemoryManager: ${why}.`, { code: 'ERR_NPROCS_MANAGER_STATE' });
}
