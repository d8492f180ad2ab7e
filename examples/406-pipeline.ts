/**
 * A pipeline of three stages that ends by itself: each process has only the sides of the queues that it needs, so each
 * one sees the end of the one before.
 */
import { isMain, Process, Queue, type QueueReceiver, type QueueSender } from 'nprocs';

export async function read(numbers: QueueSender<number>): Promise<void> {
	for (let number = 1; number <= 1000; number++) await numbers.put(number);
}

export async function square(numbers: QueueReceiver<number>, squares: QueueSender<number>): Promise<void> {
	for await (const number of numbers) await squares.put(number * number);
}

export async function add(squares: QueueReceiver<number>): Promise<void> {
	let sum = 0;
	for await (const number of squares) sum += number;
	console.log(`The sum of the squares is ${sum}.`);
}

if (isMain(import.meta)) {
	const numbers = new Queue<number>(100);
	const squares = new Queue<number>(100);
	const stages = [
		new Process({ target: read, args: [numbers.sender()] }),
		new Process({ target: square, args: [numbers.receiver(), squares.sender()] }),
		new Process({ target: square, args: [numbers.receiver(), squares.sender()] }),
		new Process({ target: add, args: [squares.receiver()] }),
	];
	for (const stage of stages) stage.start();
	// The whole queues count for both sides, so nobody would come to an end while this process has them.
	numbers.close();
	squares.close();
	for (const stage of stages) await stage.join();
	console.log('All stages have ended.');
}
