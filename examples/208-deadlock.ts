/** Two processes that wait for each other's locks: one of the waits fails, so both can go on. */
import { Barrier, DeadlockError, Lock, Process, isMain } from 'nprocs';

export async function takeBoth(first: Lock, second: Lock, bothHaveOne: Barrier): Promise<void> {
	using _ = await first.hold();
	await bothHaveOne.wait();
	try {
		using __ = await second.hold();
		console.log('has both');
	} catch (error) {
		if (!(error instanceof DeadlockError)) throw error;
		console.log('gives up');
	}
}

if (isMain(import.meta)) {
	const [a, b] = [new Lock({ name: 'a' }), new Lock({ name: 'b' })];
	const bothHaveOne = new Barrier(2);
	const one = new Process({ target: takeBoth, args: [a, b, bothHaveOne] }).start();
	const two = new Process({ target: takeBoth, args: [b, a, bothHaveOne] }).start();
	for (const process of [one, two]) await process.join();
}
