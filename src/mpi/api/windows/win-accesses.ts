/**
 * The accesses to a window: reading, writing and combining what lies in other ranks' memory; and the epochs in which
 * that may be done.
 */
import * as constants from '../../constants.ts';
import type { Engine } from '../../engine.ts';
import type { BufSpec, MaybeBufSpec } from '../buffers/buffer-spec.ts';
import { check, fail } from '../arguments/check.ts';
import { type Group, ranksOf } from '../communicators/group.ts';
import { OfRanks } from '../communicators/of-ranks.ts';
import { keywordOr, keywordsOr } from '../arguments/keywords.ts';
import { engine } from '../environment/lifecycle.ts';
import { anInt } from '../arguments/numbers.ts';
import type { Op } from '../ops/op.ts';
import { SUM } from '../datatypes/predefined.ts';
import type { Request } from '../requests/request.ts';
import { started } from '../requests/started.ts';
import { WinEpoch } from './win-epoch.ts';
import {
	accumulateOp,
	aDisplacement,
	checkComparable,
	type Origin,
	originFrom,
	singles,
	type Target,
	targetFrom,
	type TargetSpec,
} from './win-transfers.ts';

interface Accumulation {
	readonly origin: MaybeBufSpec;
	readonly target_rank: number;
	readonly target: TargetSpec | AccumulateOptions;
	readonly op: Op;
}

interface Access {
	readonly origin: Origin;
	readonly target: Target;
	readonly rank: number;
	readonly handle: number;
}

export abstract class WinAccesses extends OfRanks {
	/** @internal */
	protected readonly epoch: WinEpoch = new WinEpoch(this);

	/** Writes into the target's memory. Complete when the epoch ends. */
	Put(origin: MaybeBufSpec, target_rank: number, target: TargetSpec | TargetOptions = null): void {
		const { origin: from, target: to, rank, handle } = this.#access('Put()', origin, target_rank, targetArgument('Put()', target));
		check(engine().put(from.view, from.count, from.type, rank, to.displacement, to.count, to.type, handle), this);
	}

	/** Reads from the target's memory. Complete when the epoch ends. */
	Get(origin: MaybeBufSpec, target_rank: number, target: TargetSpec | TargetOptions = null): void {
		const { origin: into, target: from, rank, handle } = this.#access('Get()', origin, target_rank, targetArgument('Get()', target));
		check(engine().get(into.view, into.count, into.type, rank, from.displacement, from.count, from.type, handle), this);
	}

	/** Combines with what is in the target's memory, one element after the other: no other Accumulate comes between. */
	Accumulate(origin: MaybeBufSpec, target_rank: number, target: TargetSpec | AccumulateOptions = null, op: Op = SUM): void {
		const call = this.#accumulation('Accumulate()', { origin, target_rank, target, op });
		check(engine().accumulate(...call), this);
	}

	/** As `Accumulate()`, and gives what was there before. */
	Get_accumulate(
		origin: MaybeBufSpec,
		result: MaybeBufSpec,
		target_rank: number,
		target: TargetSpec | AccumulateOptions = null,
		op: Op = SUM,
	): void {
		const call = this.#fetchingAccumulation('Get_accumulate()', { origin, result, target_rank, target, op });
		check(engine().getAccumulate(...call), this);
	}

	/** `Get_accumulate()` of one element of a predefined datatype. */
	Fetch_and_op(origin: MaybeBufSpec, result: MaybeBufSpec, target_rank: number, target_disp: number | FetchOptions = 0, op: Op = SUM): void {
		const given = keywordsOr<FetchOptions>({
			owner: 'Fetch_and_op()',
			first: target_disp,
			positional: { target_disp: target_disp as number, op },
			defaults: { target_disp: 0, op: SUM },
		});
		const rank = this.#target('Fetch_and_op()', target_rank);
		const buffers = [['result', result], ...(origin === null ? [] : [['origin', origin] as const])] as const;
		const [into, from = into] = singles(buffers, { rank, owner: this });
		const displacement = aDisplacement(given.target_disp, 'target_disp', this);
		const operation = accumulateOp(given.op, into!, { rank, isFetching: true, owner: this });
		const type = rank === constants.PROC_NULL ? into!.type : from!.type;
		check(engine().fetchAndOp(origin === null ? null : from!.view, into!.view, type, rank, displacement, operation, this.living()), this);
	}

	/** Puts the element of `origin` there if what is there equals that of `compare`; `result` gets what was there. */
	Compare_and_swap(
		origin: BufSpec,
		compare: BufSpec,
		result: BufSpec,
		target_rank: number,
		target_disp: number | { readonly target_disp?: number } = 0,
	): void {
		const place = keywordOr('Compare_and_swap()', 'target_disp', { given: target_disp, byDefault: 0 });
		const rank = this.#target('Compare_and_swap()', target_rank);
		const buffers = [
			['origin', origin],
			['compare', compare],
			['result', result],
		] as const;
		const [swap, expected, into] = singles(buffers, { rank, owner: this }) as [Origin, Origin, Origin];
		if (rank !== constants.PROC_NULL) checkComparable(swap, this);
		const displacement = aDisplacement(place, 'target_disp', this);
		check(engine().compareAndSwap(swap.view, expected.view, into.view, swap.type, rank, displacement, this.living()), this);
	}

	/** As `Put()`; the request is complete when `origin` may be used again. Needs a lock. */
	Rput(origin: MaybeBufSpec, target_rank: number, target: TargetSpec | TargetOptions = null): Request {
		const { origin: from, target: to, rank, handle } = this.#access('Rput()', origin, target_rank, targetArgument('Rput()', target), 'request');
		return started(engine().rput(from.view, from.count, from.type, rank, to.displacement, to.count, to.type, handle), this);
	}

	/** As `Get()`; the request is complete when `origin` has the data. Needs a lock. */
	Rget(origin: MaybeBufSpec, target_rank: number, target: TargetSpec | TargetOptions = null): Request {
		const { origin: into, target: from, rank, handle } = this.#access('Rget()', origin, target_rank, targetArgument('Rget()', target), 'request');
		return started(engine().rget(into.view, into.count, into.type, rank, from.displacement, from.count, from.type, handle), this);
	}

	/** As `Accumulate()`, with a request. Needs a lock. */
	Raccumulate(origin: MaybeBufSpec, target_rank: number, target: TargetSpec | AccumulateOptions = null, op: Op = SUM): Request {
		const call = this.#accumulation('Raccumulate()', { origin, target_rank, target, op }, 'request');
		return started(engine().raccumulate(...call), this);
	}

	/** As `Get_accumulate()`, with a request. Needs a lock. */
	Rget_accumulate(
		origin: MaybeBufSpec,
		result: MaybeBufSpec,
		target_rank: number,
		target: TargetSpec | AccumulateOptions = null,
		op: Op = SUM,
	): Request {
		const call = this.#fetchingAccumulation('Rget_accumulate()', { origin, result, target_rank, target, op }, 'request');
		return started(engine().rgetAccumulate(...call), this);
	}

	// Epochs

	/**
	 * Collective: ends the accesses of before, all ranks', and begins an epoch for new ones. `assertion`: MPI.MODE_*.
	 */
	Fence(assertion: Assertion = 0): void {
		const hints = this.#assertion('Fence()', assertion, fenceModes);
		const handle = this.living();
		this.epoch.fence(hints);
		check(engine().fence(hints, handle), this);
	}

	/** Begins accesses to a rank, without its help. MPI.LOCK_EXCLUSIVE: no other rank accesses it meanwhile. */
	Lock(rank: number, lock_type: number | LockOptions = constants.LOCK_EXCLUSIVE, assertion = 0): void {
		const given = keywordsOr<LockOptions>({
			owner: 'Lock()',
			first: lock_type,
			positional: { lock_type: lock_type as number, assertion },
			defaults: { lock_type: constants.LOCK_EXCLUSIVE, assertion: 0 },
		});
		const kind = given.lock_type!;
		const which = this.#rank(rank);
		if (kind !== constants.LOCK_EXCLUSIVE && kind !== constants.LOCK_SHARED) {
			fail(constants.ERR_LOCKTYPE, '`lock_type` must be MPI.LOCK_EXCLUSIVE or MPI.LOCK_SHARED.', this);
		}
		const hints = this.#assertion('Lock()', given.assertion!, constants.MODE_NOCHECK);
		const handle = this.living();
		this.epoch.lock(which);
		check(engine().lock(kind, which, hints, handle), this);
	}

	/** The accesses to the rank are complete, there too. */
	Unlock(rank: number): void {
		const handle = this.living();
		this.epoch.unlock(this.#rank(rank));
		check(engine().unlock(rank, handle), this);
	}

	/** As `Lock()` of all ranks with MPI.LOCK_SHARED. Not collective. */
	Lock_all(assertion: Assertion = 0): void {
		const hints = this.#assertion('Lock_all()', assertion, constants.MODE_NOCHECK);
		const handle = this.living();
		this.epoch.lockAll();
		check(engine().lockAll(hints, handle), this);
	}
	Unlock_all(): void {
		const handle = this.living();
		this.epoch.unlockAll();
		check(engine().unlockAll(handle), this);
	}

	/** The accesses to a rank up to now are complete, there too; the lock stays. */
	Flush(rank: number): void {
		const handle = this.living();
		this.epoch.flush('Flush()', this.#rank(rank));
		check(engine().flush(rank, handle), this);
	}
	Flush_all(): void {
		const handle = this.living();
		this.epoch.flush('Flush_all()', undefined);
		check(engine().flushAll(handle), this);
	}

	/** As `Flush()`, as far as the own buffers go. */
	Flush_local(rank: number): void {
		const handle = this.living();
		this.epoch.flush('Flush_local()', this.#rank(rank));
		check(engine().flushLocal(rank, handle), this);
	}
	Flush_local_all(): void {
		const handle = this.living();
		this.epoch.flush('Flush_local_all()', undefined);
		check(engine().flushLocalAll(handle), this);
	}

	/** What this rank does directly in the memory and what comes from outside see each other. */
	Sync(): void {
		check(engine().winSync(this.living()), this);
	}

	/** Begins accesses to the ranks of a group, each of which calls `Post()`. */
	Start(group: Group, assertion: Assertion = 0): void {
		const ranks = this.#ranksOf(group);
		const hints = this.#assertion('Start()', assertion, constants.MODE_NOCHECK);
		const handle = this.living();
		this.epoch.start(ranks);
		check(engine().startAccess(Int32Array.from(ranks), hints, handle), this);
	}
	/** Ends what `Start()` began. */
	Complete(): void {
		const handle = this.living();
		this.epoch.complete();
		check(engine().completeAccess(handle), this);
	}

	/** Lets the ranks of a group access this rank's memory, each of which calls `Start()`. */
	Post(group: Group, assertion: Assertion = 0): void {
		const ranks = this.#ranksOf(group);
		const hints = this.#assertion('Post()', assertion, postModes);
		const handle = this.living();
		this.epoch.post();
		check(engine().post(Int32Array.from(ranks), hints, handle), this);
	}
	/** Waits until the accesses that `Post()` has let in are complete. Always true, as in mpi4py. */
	Wait(): true {
		const handle = this.living();
		this.epoch.exposed('Wait()');
		check(engine().waitExposure(handle), this);
		this.epoch.waited();
		return true;
	}
	/** As `Wait()`, without waiting: whether they are complete. */
	Test(): boolean {
		const handle = this.living();
		this.epoch.exposed('Test()');
		check(engine().testExposure(handle), this);
		const isComplete = engine().out[0] === 1;
		if (isComplete) this.epoch.waited();
		return isComplete;
	}

	#access(method: string, origin: unknown, targetRank: number, target: TargetSpec, kind: 'access' | 'request' = 'access'): Access {
		const handle = this.living();
		const rank = this.#rank(targetRank);
		const from = originFrom(origin, 'origin', { rank, owner: this });
		const to = targetFrom(target, from, this);
		this.epoch.access(method, rank, { isRequest: kind === 'request' });
		return { origin: from, target: to, rank, handle };
	}

	/** The arguments of the seam's accumulate and raccumulate. */
	#accumulation(
		method: string,
		{ origin, target_rank, target, op }: Accumulation,
		kind: 'access' | 'request' = 'access',
	): Parameters<Engine['accumulate']> {
		const given = accumulateArguments(method, target, op);
		const { origin: from, target: to, rank, handle } = this.#access(method, origin, target_rank, given.target, kind);
		const operation = accumulateOp(given.op, from, { rank, isFetching: false, owner: this });
		return [from.view, from.count, from.type, rank, to.displacement, to.count, to.type, operation, handle];
	}

	/** The arguments of the seam's getAccumulate and rgetAccumulate. */
	#fetchingAccumulation(
		method: string,
		{ origin, result, target_rank, target, op }: Accumulation & { readonly result: MaybeBufSpec },
		kind: 'access' | 'request' = 'access',
	): Parameters<Engine['getAccumulate']> {
		const given = accumulateArguments(method, target, op);
		const { origin: from, target: to, rank, handle } = this.#access(method, origin, target_rank, given.target, kind);
		const into = originFrom(result, 'result', { rank, owner: this });
		const operation = accumulateOp(given.op, from, { rank, isFetching: true, owner: this });
		const buffers = [from.view, from.count, from.type, into.view, into.count, into.type] as const;
		return [...buffers, rank, to.displacement, to.count, to.type, operation, handle];
	}

	#target(method: string, targetRank: number): number {
		this.living();
		const rank = this.#rank(targetRank);
		this.epoch.access(method, rank, { isRequest: false });
		return rank;
	}

	#rank(rank: number): number {
		this.living();
		const which = anInt(rank, { name: 'rank' });
		const { length } = this.ranks;
		if (which === constants.PROC_NULL || (which >= 0 && which < length)) return which;
		return fail(constants.ERR_RANK, `There is no rank ${which}: the window has ${length}, counted from 0 on.`, this);
	}

	#ranksOf(group: Group): number[] {
		return ranksOf(group).map((world) => {
			const rank = this.ranks.indexOf(world);
			if (rank < 0) fail(constants.ERR_GROUP, `The group has rank ${world} of MPI.COMM_WORLD, which does not have the window.`, this);
			return rank;
		});
	}

	#assertion(owner: string, assertion: Assertion, allowed: number): number {
		const hints = anInt(keywordOr(owner, 'assertion', { given: assertion, byDefault: 0 }), {
			name: 'assertion',
			least: 0,
			errorClass: constants.ERR_ASSERT,
		});
		if (hints & ~allowed) fail(constants.ERR_ASSERT, `\`assertion\` is ${hints}: it has bits that are no MPI.MODE_* of this call.`, this);
		return hints;
	}
}

/** MPI.MODE_*, or mpi4py's keyword argument. */
export type Assertion = number | { readonly assertion?: number };

export interface TargetOptions {
	readonly target?: TargetSpec;
}
export interface AccumulateOptions extends TargetOptions {
	/** @default MPI.SUM */
	readonly op?: Op;
}
export interface FetchOptions {
	/** @default 0 */
	readonly target_disp?: number;
	/** @default MPI.SUM */
	readonly op?: Op;
}
export interface LockOptions {
	/** @default MPI.LOCK_EXCLUSIVE */
	readonly lock_type?: number;
	/** @default 0 */
	readonly assertion?: number;
}

function targetArgument(owner: string, target: TargetSpec | TargetOptions): TargetSpec {
	return (
		keywordsOr<TargetOptions>({ owner, first: target, positional: { target: target as TargetSpec }, defaults: { target: null } }).target ?? null
	);
}

function accumulateArguments(owner: string, target: TargetSpec | AccumulateOptions, op: Op): { target: TargetSpec; op: Op } {
	const given = keywordsOr<AccumulateOptions>({
		owner,
		first: target,
		positional: { target: target as TargetSpec, op },
		defaults: { target: null, op: SUM },
	});
	return { target: given.target ?? null, op: given.op ?? SUM };
}

const fenceModes = constants.MODE_NOSTORE | constants.MODE_NOPUT | constants.MODE_NOPRECEDE | constants.MODE_NOSUCCEED;
const postModes = constants.MODE_NOCHECK | constants.MODE_NOSTORE | constants.MODE_NOPUT;
