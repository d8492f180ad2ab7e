/** How to read an object of each kind from outside: for `npx nprocs locks`, which has only its segment. */
import type { Segment } from '../memory/segment.ts';

export interface Inspector {
	/** Word offset of the waiters. */
	readonly waiters: number;
	/** Tokens of who holds it, dead ones too; once for each time. */
	holders(segment: Segment): number[];
	/** Its state in a few words. */
	state(int32: Int32Array): string;
}

export const inspectors: Map<string, Inspector> = new Map();
