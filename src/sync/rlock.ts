/** A lock that its holder may acquire again. */
import { Deadline } from '../base/deadline.ts';
import { self } from '../memory/registry.ts';
import { noteHolder, noteReleased } from './deadlock.ts';
import { ExclusiveLock, releaseError, type LockOptions } from './exclusive-lock.ts';
import { inspectors } from './inspectors.ts';
import { depthWord, lockInspector, ownerWord, tokenMask } from './lock-layout.ts';
import { registerSimple } from './shared-object.ts';
import { currentChain, type AwaitChain } from './await-chain.ts';

/** Which chain of this thread has which RLock; undefined: code that runs in none. */
const holders = new Map<string, AwaitChain | undefined>();

/**
 * As Python's `multiprocessing.RLock`. Its owner is a chain of awaits (await-chain.ts): two chains of one process
 * exclude each other. It is free when it was released as often as it was acquired. Only its owner may release it; code
 * that runs in no chain may release what its thread holds.
 */
export class RLock extends ExclusiveLock {
	constructor(options?: LockOptions) {
		super('RLock', options);
	}

	/** Throws `ERR_NPROCS_NOT_HELD` when it is not held by the caller. */
	release(): void {
		this.assertMine('release it');
		const depth = Atomics.sub(this.int32, depthWord, 1) - 1;
		if (depth === 0) this.#free();
	}

	/** Whether the caller holds it. */
	isMine(): boolean {
		this.assertOpen();
		if ((Atomics.load(this.int32, ownerWord) & tokenMask) !== self().token) return false;
		const chain = currentChain();
		return chain === undefined || holders.get(this.watched.key) === chain;
	}

	suspend(): { resume: () => Promise<void>; resumeSync: () => void } {
		this.assertMine('wait with it');
		const chain = holders.get(this.watched.key);
		const depth = Atomics.exchange(this.int32, depthWord, 0);
		this.#free();
		const restore = (): void => void Atomics.store(this.int32, depthWord, depth);
		return {
			resume: () => this.start(chain, undefined).then(restore),
			resumeSync: () => {
				this.startSync(chain, Deadline.never);
				restore();
			},
		};
	}

	protected reenter(chain: AwaitChain | undefined): boolean {
		if ((Atomics.load(this.int32, ownerWord) & tokenMask) !== self().token || holders.get(this.watched.key) !== chain) return false;
		Atomics.add(this.int32, depthWord, 1);
		return true;
	}

	protected attempt(chain: AwaitChain | undefined): true | undefined {
		if (!this.take(self().token)) return undefined;
		Atomics.store(this.int32, depthWord, 1);
		holders.set(this.watched.key, chain);
		if (chain !== undefined) noteHolder(this.watched, chain);
		return true;
	}

	protected describe(): string {
		const owner = this.describeOwner();
		const depth = owner === 'None' ? 0 : Atomics.load(this.int32, depthWord);
		return `<RLock(${owner}, ${owner.startsWith('SomeOther') ? 'nonzero' : depth})>`;
	}

	private assertMine(purpose: string): void {
		if (this.isMine()) return;
		throw releaseError(
			`Cannot ${purpose}: this RLock is not held by this ${currentChain() === undefined ? 'thread' : 'chain of awaits'}. Only its owner may do that.`,
		);
	}

	#free(): void {
		holders.delete(this.watched.key);
		noteReleased(this.watched);
		Atomics.exchange(this.int32, ownerWord, 0);
		this.waiters.wakeOne();
	}
}

registerSimple('RLock', RLock);
inspectors.set('RLock', lockInspector);
