import type { Side } from '../stream/departures.ts';

/** How the codec calls a side of a queue of some kind. */
export function kindOfSide(kind: string, side: Side): string {
	return kind + endings[side];
}

const endings = { sender: 'Sender', receiver: 'Receiver' } as const;
