/** A lock whose holder is killed: the next one gets it, and sees that what it protects may be half changed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Event, Lock, Process, isMain } from 'nprocs';

export async function takeAndHang(lock: Lock, taken: Event): Promise<void> {
	await lock.acquire();
	taken.set();
	await sleep(1e6);
}

if (isMain(import.meta)) {
	const lock = new Lock();
	const taken = new Event();
	const process = new Process({ target: takeAndHang, args: [lock, taken] }).start();
	await taken.wait();
	console.log(`held by somebody else: ${!(await lock.acquire(0))}`);
	process.kill();
	console.log(`acquired: ${await lock.acquire()}`);
	console.log(`abandoned: ${lock.abandoned}`);
	lock.release();
	await process.join();
}
