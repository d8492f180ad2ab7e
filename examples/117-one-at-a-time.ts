/**
 * One process at a time: a lock that the processes share. If a process were killed while it has the lock, the next one
 * would get it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Lock, Process, isMain } from 'nprocs';

export async function work(lock: Lock, i: number): Promise<void> {
	await lock.run(async () => {
		console.log(`${i} begins`);
		await sleep(20);
		console.log(`${i} ends`);
	});
}

if (isMain(import.meta)) {
	const lock = new Lock();
	const processes = [1, 2, 3].map((i) => new Process({ target: work, args: [lock, i] }).start());
	for (const p of processes) await p.join();
}
