/**
 * The payload of Lock and RLock: word 0 owner, 1 depth (RLock), 2-6 the wait of the holder (deadlock.ts), 8- the waiters.
 *
 * The owner is 0 when the lock is free, else a token (registry.ts). Bit 30 says that the holder before died holding it.
 */
import { WaiterSet } from './waiter-set.ts';

export const ownerWord = 0;
export const depthWord = 1;
export const record = { owner: 2, wait: 3, refreshed: 4, nextHigh: 5, nextLow: 6 } as const;
export const waitersWord = 8;
export const lockWords: number = waitersWord + WaiterSet.words;

export const tokenMask = 0x3fff_ffff;
export const abandonedFlag = 0x4000_0000;
