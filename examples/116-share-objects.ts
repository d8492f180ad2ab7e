/**
 * Share objects with a process: a queue goes there as an argument, also inside of other values, and is the same queue
 * on both sides.
 */
import { Process, Queue, isMain } from 'nprocs';

interface Order {
	numbers: number[];
	results: Queue<number>;
}

export async function worker(orders: Queue<Order>): Promise<void> {
	const { numbers, results } = await orders.get();
	for (const n of numbers) await results.put(n * n);
}

if (isMain(import.meta)) {
	const orders = new Queue<Order>();
	const results = new Queue<number>();
	const p = new Process({ target: worker, args: [orders] }).start();
	await orders.put({ numbers: [1, 2, 3], results }); // also after the start, also inside a message
	for (let i = 0; i < 3; i++) console.log(await results.get());
	await p.join();
}
