/** Objects through a queue: one process puts ten random numbers in, another one takes them out. */
import { isMain, Process, Queue } from 'nprocs';

export class Producer extends Process {
	queue: Queue<number>;

	constructor(queue: Queue<number>) {
		super();
		this.queue = queue;
	}

	override async run(): Promise<void> {
		for (let i = 0; i < 10; i++) {
			const item = Math.floor(Math.random() * 256);
			await this.queue.put(item);
			console.log(`Process Producer: item ${item} appended to queue ${this.name}`);
			console.log(`The size of queue is ${this.queue.qsize()}`);
		}
	}
}

export class Consumer extends Process {
	queue: Queue<number>;

	constructor(queue: Queue<number>) {
		super();
		this.queue = queue;
	}

	override async run(): Promise<void> {
		while (!this.queue.empty()) {
			const item = await this.queue.get();
			console.log(`Process Consumer: item ${item} popped from by ${this.name}`);
		}
		console.log('the queue is empty');
	}
}

if (isMain(import.meta)) {
	const queue = new Queue<number>();
	const producer = new Producer(queue).start();
	await producer.join();
	const consumer = new Consumer(queue).start();
	await consumer.join();
	queue.close();
}
