/** What a forked process must not have in common with the one that it is a copy of. */
import { syncBuiltinESMExports } from 'node:module';
import { skipSweep } from '../memory/janitor.ts';
import { afterFork } from '../memory/registry.ts';
import { addon } from '../native/addon.ts';

/** To be called once in each forked process, first of all. */
export function renewProcessState(): void {
	afterFork();
	skipSweep();
	renewPid();
	renewRandomness();
}

/** Node reads it once, at start. */
function renewPid(): void {
	Object.defineProperty(process, 'pid', { value: addon().processId(), enumerable: true, configurable: true, writable: false });
}

/**
 * V8 seeds `Math.random` once per process image: all forked processes would draw the same numbers. Node's crypto takes its bytes
 * from OpenSSL, which notices a fork; but two of its functions keep bytes in stock, which the copies would share.
 */
function renewRandomness(): void {
	const crypto = process.getBuiltinModule('node:crypto'); // not imported: few who import the library need it, and it takes long to load
	Math.random = seededRandom(crypto.randomBytes(16));
	const { randomUUID } = crypto;
	crypto.randomUUID = () => randomUUID({ disableEntropyCache: true });
	const { randomInt } = crypto;
	crypto.randomInt = ((...args: Parameters<typeof randomInt>) => {
		crypto.randomInt = randomInt;
		for (let i = 0; i < stockedInts; i++) randomInt(2);
		return randomInt(...args);
	}) as typeof randomInt;
	syncBuiltinESMExports();
}

/** How many numbers `crypto.randomInt` draws from one filling of its stock. */
const stockedInts = 1024;

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
