/**
 * A board on which workers write how far they are, and which the main process watches: it hears of each change, and
 * asks for nothing.
 */
import { isMain, Manager, Process, type DictProxy } from 'nprocs';

export interface Progress {
	readonly done: number;
	readonly total: number;
}

export async function worker(board: DictProxy<string, Progress>, name: string, total: number): Promise<void> {
	for (let done = 1; done <= total; done++) {
		// … some work …
		await board.set(name, { done, total });
	}
}

if (isMain(import.meta)) {
	await using manager = await Manager();
	const board = await manager.dict<string, Progress>();
	const changes = board.changes();
	const sizes = { sort: 2, search: 3, index: 1 };
	const workers = Object.entries(sizes).map(([name, total]) => new Process({ target: worker, args: [board, name, total] }).start());
	let running = workers.length;
	for await (const change of changes) {
		if (change.type !== 'set') continue;
		const { done, total } = change.value;
		console.log(`${change.key}: ${done} of ${total}`);
		if (done === total && --running === 0) break;
	}
	for (const worker of workers) await worker.join();
	console.log('all have ended');
}
