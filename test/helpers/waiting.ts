/** Until others wait for an object, as they have said in its segment. */
import { toHandle, type Shareable } from '#nprocs/codec/handle.js';
import { Segment } from '#nprocs/memory/segment.js';
import { inspectors } from '#nprocs/sync/inspectors.js';
import { WaiterSet } from '#nprocs/wait/waiter-set.js';

/** Resolves when so many threads wait for it; tasks of one thread count as one. */
export async function untilWaiting(object: Shareable, count: number): Promise<void> {
	using segment = segmentOf(object);
	const waiters = new WaiterSet(segment, inspectors.get(segment.kind)!.waiters);
	await until(() => waiters.slots().length === count);
}

/** The object's segment, opened once more. */
export function segmentOf(object: Shareable): Segment {
	const { kind, segments } = object[toHandle]();
	return Segment.open(segments[0]!, kind);
}

/** For what another process does, and cannot tell. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 1));
}
