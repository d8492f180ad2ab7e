/**
 * Estimates pi from random points: how many of those in a square lie in its circle? Each task has a seed of its own, so
 * the estimate is the same in every run, however many processes share the work.
 */
import { SingleBar } from 'cli-progress';
import { isMain, Pool } from 'nprocs';

const pointsOfTask = 2_000_000;

export function hitsOf(seed: number): number {
	const random = randomNumbers(seed);
	let hits = 0;
	for (let i = 0; i < pointsOfTask; i++) {
		const x = random();
		const y = random();
		if (x * x + y * y < 1) hits++;
	}
	return hits;
}

/** Numbers from 0 to 1, by splitmix32: Math.random() cannot be seeded. */
function randomNumbers(seed: number): () => number {
	let state = Math.imul(seed + 1, 0x85ebca6b);
	return () => {
		state = (state + 0x9e3779b9) | 0;
		let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
		z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
		return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
	};
}

if (isMain(import.meta)) {
	const seeds = Array.from({ length: 40 }, (_, i) => i);
	const bar = new SingleBar({ stream: process.stdout, clearOnComplete: true, format: '{bar} about {estimate}' });
	await using pool = await new Pool().ready();

	const began = performance.now();
	bar.start(seeds.length, 0, { estimate: '?' });
	let hits = 0;
	let done = 0;
	for await (const ofTask of pool.imapUnordered(hitsOf, seeds)) {
		hits += ofTask;
		bar.update(++done, { estimate: ((4 * hits) / (done * pointsOfTask)).toFixed(5) });
	}
	bar.stop();
	const poolMs = performance.now() - began;
	for (const seed of seeds) hitsOf(seed);
	const aloneMs = performance.now() - began - poolMs;

	console.log(`pi is about ${((4 * hits) / (seeds.length * pointsOfTask)).toFixed(5)}`);
	console.log(`one process: ${aloneMs.toFixed()} ms, pool: ${poolMs.toFixed()} ms, ${(aloneMs / poolMs).toFixed(1)} times as fast`);
}
