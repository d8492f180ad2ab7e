/** What the processes of the channels' benchmarks run. */
import { Queue, type Connection } from 'nprocs';

export type Form = 'sync' | 'async' | 'many';

export const batch = 100;

export async function produce(queue: Queue, ready: Queue, count: number, form: Form): Promise<void> {
	ready.putSync('producer');
	if (form === 'sync') for (let i = 0; i < count; i++) queue.putSync({ id: i, name: 'message' });
	else if (form === 'async') for (let i = 0; i < count; i++) await queue.put({ id: i, name: 'message' });
	else {
		for (let i = 0; i < count; i += batch) {
			const messages: unknown[] = [];
			for (let k = i; k < Math.min(count, i + batch); k++) messages.push({ id: k, name: 'message' });
			queue.putManySync(messages);
		}
	}
}

/** Takes until it has had `count` (then it says so), or until null comes. */
export async function consume(queue: Queue, ready: Queue, form: Form): Promise<void> {
	ready.putSync('consumer');
	for (;;) {
		if (form === 'many') {
			const items = queue.getManySync(batch);
			const ends = items.filter((item) => item === null).length;
			for (let i = 1; i < ends; i++) queue.putSync(null);
			if (ends > 0) break;
		} else if ((form === 'sync' ? queue.getSync() : await queue.get()) === null) break;
	}
	ready.putSync('done');
}

export function echoSync(connection: Connection): void {
	for (;;) {
		const message = connection.recvSync();
		if (message === null) return;
		connection.sendSync(message);
	}
}

export async function echo(connection: Connection): Promise<void> {
	for (;;) {
		const message = await connection.recv();
		if (message === null) return;
		await connection.send(message);
	}
}

/** Reads until null comes; touches the memory of what it gets. */
export function sink(connection: Connection): void {
	for (;;) {
		const message = connection.recvSync() as Float64Array | null;
		if (message === null) return connection.sendSync('done');
		if (message[message.length - 1] === -1) throw new Error('unexpected');
	}
}
