/**
 * Items that use up the time that their `timeout` gives them. It is counted from when the pool sees that they begin.
 */
import { nowMs } from '../../base/clock.ts';
import { TimeoutError } from '../../base/errors.ts';
import { stopReason } from '../link/link.ts';
import { isSettled } from './replies.ts';
import type { Unit } from './unit.ts';
import type { Entry, WorkerSlot } from './worker-slot.ts';

/** When the item at work has used up its time. */
export function lateAt(slot: WorkerSlot): number {
	const head = slot.head();
	const timeoutMs = head?.unit?.payload.job.timeoutMs;
	if (timeoutMs === undefined) return Infinity;
	return isSettled(head!, itemAt(head!)) ? Infinity : slot.begunMs + timeoutMs;
}

/** Its job hears of it now, whatever the task does. What is behind it in its chunk is given back, for others to do. */
export function stopLate(slot: WorkerSlot, killAfterMs: number): Unit[] {
	const head = slot.head()!;
	const { payload } = head.unit!;
	if (!slot.hasBegun(head)) {
		slot.begunMs = nowMs(); // its worker is still booting, or stopped
		return [];
	}
	const rest = slot.cut((left) => left);
	const item = itemAt(head);
	const { fn, timeoutMs } = payload.job;
	(head.settled ??= new Set()).add(item);
	payload.settle(1);
	slot.askToStop(stopReason.late, killAfterMs);
	const message = `The task ${fn.name} was still running after the ${timeoutMs} ms that its \`timeout\` gave it.`;
	payload.job.onError(payload.first + item, new TimeoutError(message));
	return rest;
}

function itemAt({ unit, replied }: Entry): number {
	return unit!.payload.kind === 'chunk' ? unit!.from + replied : 0;
}
