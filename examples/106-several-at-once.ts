/** Run processes at the same time: start all of them, then join all of them. Each works on a part of the problem. */
import { Process, activeChildren, cpuCount, isMain } from 'nprocs';

/** Counts the primes from `from` up to, but without, `to`. */
export function countPrimes(from: number, to: number): void {
	let count = 0;
	for (let n = Math.max(from, 2); n < to; n++) {
		let isPrime = true;
		for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
		if (isPrime) count++;
	}
	console.log(`${count} primes from ${from} to ${to}`);
}

if (isMain(import.meta)) {
	const parts = 4;
	const size = 1_000_000 / parts;
	const processes = Array.from({ length: parts }, (_, i) => new Process({ target: countPrimes, args: [i * size, (i + 1) * size] }));
	for (const process of processes) process.start();
	console.log(`${activeChildren().length} processes on ${cpuCount()} CPUs`);
	await Promise.all(processes.map((process) => process.join()));
	console.log('all have ended');
}
