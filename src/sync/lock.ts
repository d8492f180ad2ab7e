/** A lock that one holder at a time has, across all processes of the machine. */
import { Deadline, type Wait } from '../base/deadline.ts';
import { self } from '../memory/registry.ts';
import { holderOf, noteHolder, noteReleased } from './deadlock.ts';
import { ExclusiveLock, releaseError, type LockOptions } from './exclusive-lock.ts';
import { inspectors } from './inspectors.ts';
import { abandonedFlag, lockInspector, ownerWord, tokenMask } from './lock-layout.ts';
import { registerSimple } from './shared-object.ts';
import type { AwaitChain } from './await-chain.ts';

/**
 * As Python's `multiprocessing.Lock`: not re-entrant, and any process may release it. When the process that holds it
 * dies, the next one gets it, and sees `abandoned`.
 */
export class Lock extends ExclusiveLock {
	constructor(options?: LockOptions) {
		super('Lock', options);
	}

	override acquireSync(wait?: Wait): boolean {
		// The common case in a few instructions: no deadline is made, nothing is recorded but the owner.
		if (wait === undefined && !this.closed && Atomics.compareExchange(this.int32, ownerWord, 0, self().token) === 0) {
			noteReleased(this.watched);
			return true;
		}
		return super.acquireSync(wait);
	}

	/** Throws `ERR_NPROCS_NOT_HELD` when nobody holds it. */
	release(): void {
		this.assertOpen();
		const was = Atomics.exchange(this.int32, ownerWord, 0);
		noteReleased(this.watched);
		this.waiters.wakeOne();
		if (was !== 0 && was !== abandonedFlag) return;
		if (was === abandonedFlag) Atomics.compareExchange(this.int32, ownerWord, 0, abandonedFlag);
		throw releaseError('Cannot release the Lock: nobody holds it. It was released too many times.');
	}

	isMine(): boolean {
		this.assertOpen();
		return (Atomics.load(this.int32, ownerWord) & tokenMask) === self().token;
	}

	suspend(): { resume: () => Promise<void>; resumeSync: () => void } {
		const chain = holderOf(this.watched);
		this.release();
		return {
			resume: async () => void (await this.start(chain, undefined)),
			resumeSync: () => void this.startSync(chain, Deadline.never),
		};
	}

	protected reenter(): boolean {
		return false;
	}

	protected attempt(chain: AwaitChain | undefined): true | undefined {
		if (!this.take(self().token)) return undefined;
		if (chain !== undefined) noteHolder(this.watched, chain);
		return true;
	}

	protected describe(): string {
		return `<Lock(owner=${this.describeOwner()})>`;
	}
}

registerSimple('Lock', Lock);
inspectors.set('Lock', lockInspector);
