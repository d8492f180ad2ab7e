/** What a forked process must not have in common with the one that it is a copy of. */
import { nowMs } from '../../base/clock.ts';
import { atFork, forkStep } from '../../base/at-fork.ts';
import { skipSweep } from '../../memory/janitor.ts';
import { addon } from '../../native/addon.ts';
import { processState } from '../current.ts';
import { renewStocks } from './stocks.ts';
import { forgetThreads, watchThreads } from './threads.ts';

/**
 * To be called in a process that is going to be forked, before the program's code runs.
 *
 * V8 seeds `Math.random` once per process image: all copies would draw the same numbers.
 */
export function prepareProcessState(): void {
	Math.random = () => (random ??= seededRandom(Buffer.from(addon().random64() + addon().random64(), 'hex')))();
	const ownUptime = process.uptime.bind(process);
	process.uptime = () => {
		const { enteredAtMs } = processState();
		return enteredAtMs === undefined ? ownUptime() : (nowMs() - enteredAtMs) / 1000;
	};
	watchThreads();
	atFork({ step: forkStep.identity, inCopy: renewProcessState });
}

function renewProcessState(): void {
	skipSweep();
	forgetThreads();
	// Node reads it once, at start.
	Object.defineProperty(process, 'pid', { value: addon().processId(), enumerable: true, configurable: true, writable: false });
	random = undefined;
	renewStocks();
}

let random: (() => number) | undefined;

/** xoshiro128**, made into a number from 0 to 1 with 53 random bits. */
function seededRandom(seed: Buffer): () => number {
	let [a, b, c, d] = [seed.readInt32LE(0) | 1, seed.readInt32LE(4), seed.readInt32LE(8), seed.readInt32LE(12)];
	const next32 = (): number => {
		const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
		const t = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= t;
		d = rotate(d, 11);
		return result >>> 0;
	};
	return () => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) / 2 ** 53;
}

function rotate(word: number, by: number): number {
	return (word << by) | (word >>> (32 - by));
}
