/**
 * The payload of Lock and RLock: word 0 owner, 1 depth (RLock), 2-6 the wait of the holder (deadlock.ts), 8- the
 * waiters.
 *
 * The owner is 0 when the lock is free, else a token (registry.ts). Bit 30 says that the holder before died holding it.
 */
import type { Inspector } from './inspectors.ts';
import { waiterSetWords } from '../memory/word-counts.ts';

export const ownerWord = 0;
export const depthWord = 1;
export const record = { owner: 2, wait: 3, refreshed: 4, nextHigh: 5, nextLow: 6 } as const;
export const waitersWord = 8;
export const lockWords: number = waitersWord + waiterSetWords;

export const tokenMask = 0x3fff_ffff;
export const abandonedFlag = 0x4000_0000;

export const lockInspector: Inspector = {
	waiters: waitersWord,
	holders: ({ int32 }) => [Atomics.load(int32, ownerWord) & tokenMask].filter((token) => token !== 0),
	state(int32) {
		const owner = Atomics.load(int32, ownerWord);
		const depth = Atomics.load(int32, depthWord);
		return `${(owner & tokenMask) === 0 ? 'free' : 'held'}${depth > 1 ? ` ${depth} times` : ''}${(owner & abandonedFlag) === 0 ? '' : ', abandoned'}`;
	},
};
