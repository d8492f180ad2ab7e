/**
 * A Barrier: workers go from phase to phase together; if one were killed, the others would get a BrokenBarrierError.
 */
import { Barrier, Process, isMain } from 'nprocs';

export async function worker(barrier: Barrier): Promise<void> {
	for (const phase of ['load', 'compute', 'store']) {
		const index = await barrier.wait();
		if (index === 0) console.log(phase); // one of them gets 0
	}
}

if (isMain(import.meta)) {
	const barrier = new Barrier(3);
	const workers = [1, 2, 3].map(() => new Process({ target: worker, args: [barrier] }).start());
	for (const process of workers) await process.join();
}
