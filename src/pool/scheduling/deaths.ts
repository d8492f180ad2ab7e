/**
 * What the death of a worker means for what it had in hand. To be asked when all its replies have been taken in: so
 * every result that it has published counts, at most one item was at work, and all else runs elsewhere.
 */
import { WorkerDiedError } from '../../base/errors.ts';
import { howItEnded } from '../../base/exit-status.ts';
import { claimIn, endOf, isClaimOf, nextOf } from '../link/claim.ts';
import { openError } from './replies.ts';
import { singlesOf, type Unit } from './unit.ts';
import type { Entry, WorkerSlot } from './worker-slot.ts';

export interface Estate {
	/** To be done by others, in this order. */
	readonly units: Unit[];
	/** The item that was at work: a unit of its own, and its number in its payload. */
	readonly lost: { unit: Unit; entry: Entry } | undefined;
}

export function estateOf(slot: WorkerSlot): Estate {
	const taken = slot.link.calls.ring.taken();
	const rest = slot.withdraw(taken);
	const entry = slot.entries.findLast(({ unit }) => unit !== undefined);
	if (entry?.unit === undefined) return { units: rest, lost: undefined };
	const { unit, replied } = entry;
	const { payload, from, until, attempt } = unit;
	if (payload.kind !== 'chunk') return { units: rest, lost: { unit, entry } };
	if (replied === until - from) return { units: rest, lost: undefined };
	const claim = claimIn(slot.link.told);
	// It died while it decoded the chunk. One of its items may be what killed it, and must not kill others with it
	// again.
	if (!isClaimOf(claim, entry.sequence)) return { units: [...singlesOf(unit), ...rest], lost: undefined };
	const next = nextOf(claim);
	const behind = next < endOf(claim) ? [{ payload, from: next, until: endOf(claim), attempt }] : [];
	const units = [...behind, ...rest];
	return { units, lost: from + replied < next ? { unit: { payload, from: next - 1, until: next, attempt }, entry } : undefined };
}

export function diedError(slot: WorkerSlot, { lost, errorOutput }: { lost: Unit | undefined; errorOutput?: string }): WorkerDiedError {
	const exitCode = slot.handle.poll() ?? null;
	const task = lost === undefined ? undefined : taskOf(lost);
	const while_ = task === undefined ? '' : ` while it ran ${task}`;
	const said = errorOutput === undefined || errorOutput === '' ? '' : `\nIts last words on stderr:\n${errorOutput}`;
	const retries = lost !== undefined && lost.attempt > 1 ? ` It was attempt ${lost.attempt}.` : '';
	const cause = slot.dyingOf === undefined ? {} : { cause: openError(slot.dyingOf) };
	return new WorkerDiedError(
		`The worker ${slot.process.name} (pid ${slot.pid}) ${howItEnded(exitCode)}${while_}.${retries} Other tasks are not concerned.${said}`,
		{ pid: slot.pid, exitCode, task },
		cause,
	);
}

/** `square, item 5` */
function taskOf({ payload, from }: Unit): string {
	const { fn } = payload.job;
	return payload.kind === 'chunk' || payload.first > 0 ? `${fn.name}, item ${payload.first + from}` : fn.name;
}
