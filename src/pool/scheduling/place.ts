/**
 * Where a call was made, for the stack of what its task throws. To look it up takes as long as a small task, so it is
 * done for so many calls in a second; the others of the same function show the last one that was looked up.
 */
import { nowMs } from '../../base/clock.ts';
import type { TaskFunction } from '../../task/task-function.ts';

const perSecond = 1000;
let left = perSecond;
let refilledMs = 0;

export function placeOfCall(fn: TaskFunction): { stack?: string } | undefined {
	if (left === 0) {
		const atMs = nowMs();
		if (atMs - refilledMs < 1000 && fn.place !== undefined) return fn.place;
		if (atMs - refilledMs >= 1000) {
			refilledMs = atMs;
			left = perSecond;
		}
	}
	if (left > 0) left--;
	const place: { stack?: string } = {};
	Error.captureStackTrace(place, placeOfCall);
	return (fn.place = place);
}
