/** All synchronization objects of this user, who holds them and who waits for them: for `npx nprocs locks`. */
import { participants, type ParticipantInfo } from '../memory/registry.ts';
import { slotCount } from '../memory/word-counts.ts';
import { listSegments } from '../memory/inspect.ts';
import { Segment } from '../memory/segment.ts';
import './barrier.ts';
import './condition.ts';
import './event.ts';
import './rlock.ts';
import './semaphore.ts';
import { inspectors } from './inspectors.ts';
import { WaiterSet } from '../wait/waiter-set.ts';

export interface ObjectInfo {
	readonly kind: string;
	/** The name that its user gave it, else its segment's. */
	readonly name: string;
	readonly state: string;
	/** Once for each time that one holds it. Dead holders are not there any more. */
	readonly holders: readonly ParticipantInfo[];
	readonly waiters: readonly ParticipantInfo[];
}

export function listObjects(): ObjectInfo[] {
	const bySlot = new Map(participants().map((info) => [info.token & (slotCount - 1), info]));
	return listSegments()
		.filter(({ kind, held }) => held && kind !== undefined && inspectors.has(kind))
		.map(({ name, kind }) => look(name, kind!, bySlot))
		.filter((info) => info !== undefined);
}

function look(name: string, kind: string, bySlot: ReadonlyMap<number, ParticipantInfo>): ObjectInfo | undefined {
	const inspector = inspectors.get(kind)!;
	try {
		const segment = Segment.open(name, kind);
		try {
			const living = (slots: number[]): ParticipantInfo[] => slots.map((slot) => bySlot.get(slot)).filter((info) => info !== undefined);
			const holders = inspector.holders(segment);
			return {
				kind,
				name: /-n-\w+?-(.*)$/.exec(name)?.[1] ?? name,
				state: inspector.state(segment.int32),
				holders: living(holders.map((token) => token & (slotCount - 1))).filter(({ token }) => holders.includes(token)),
				waiters: living(new WaiterSet(segment, inspector.waiters).slots()),
			};
		} finally {
			segment.close();
		}
	} catch {
		return undefined; // it was removed meanwhile
	}
}
