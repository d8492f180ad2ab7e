/**
 * Synchronize processes with a Barrier and a Lock: p1 and p2 meet at the barrier and then print the same instant, to
 * within milliseconds, one after the other thanks to the lock. p3 and p4 do not wait for each other.
 */
import { Barrier, Lock, Process, currentProcess, isMain } from 'nprocs';

const timestamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

export async function testWithBarrier(synchronizer: Barrier, serializer: Lock): Promise<void> {
	await synchronizer.wait();
	const now = Date.now();
	await serializer.run(() => console.log(`process ${currentProcess().name} ----> ${timestamp(now)}`));
}

export function testWithoutBarrier(): void {
	console.log(`process ${currentProcess().name} ----> ${timestamp(Date.now())}`);
}

if (isMain(import.meta)) {
	const synchronizer = new Barrier(2);
	const serializer = new Lock();
	const processes = [
		new Process({ name: 'p1 - testWithBarrier', target: testWithBarrier, args: [synchronizer, serializer] }),
		new Process({ name: 'p2 - testWithBarrier', target: testWithBarrier, args: [synchronizer, serializer] }),
		new Process({ name: 'p3 - testWithoutBarrier', target: testWithoutBarrier }),
		new Process({ name: 'p4 - testWithoutBarrier', target: testWithoutBarrier }),
	];
	for (const process of processes) process.start();
	for (const process of processes) await process.join();
}
