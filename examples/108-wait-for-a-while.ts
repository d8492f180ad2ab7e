/** Wait for a process, but not for ever: `join()` with a timeout, with an AbortSignal, and for the first of several. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, isMain, wait } from 'nprocs';

export async function work(ms: number): Promise<void> {
	await sleep(ms);
}

if (isMain(import.meta)) {
	const slow = new Process({ name: 'slow', target: work, args: [600_000] }).start();
	const fast = new Process({ name: 'fast', target: work, args: [10] }).start();

	console.log('has slow ended within 50 ms?', await slow.join(50));

	const controller = new AbortController();
	setTimeout(() => controller.abort(new Error('changed my mind')), 20);
	await slow.join(controller.signal).catch((error: Error) => console.log('stopped waiting:', error.message));

	const [first] = await wait([slow.sentinel, fast.sentinel]);
	console.log('first to end:', first === fast.sentinel ? fast.name : slow.name);

	slow.kill();
	await slow.join();
	console.log(slow.exitCode);
}
