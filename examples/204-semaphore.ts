/** A Semaphore: at most two of five processes work at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, Semaphore, Value, isMain } from 'nprocs';

export async function work(permits: Semaphore, atWork: Value<'int32'>): Promise<void> {
	using _ = await permits.hold();
	const now = await atWork.run(() => ++atWork.value);
	if (now > 2) console.log(`${now} at the same time!`);
	await sleep(20);
	await atWork.run(() => atWork.value--);
}

if (isMain(import.meta)) {
	const permits = new Semaphore(2);
	const atWork = new Value('int32');
	const processes = Array.from({ length: 5 }, () => new Process({ target: work, args: [permits, atWork] }).start());
	for (const process of processes) await process.join();
	console.log(`all done, ${permits.getValue()} permits are free`);
}
