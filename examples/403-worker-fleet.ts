/** A fleet of workers on a JoinableQueue: tasks go in, the main process waits until all of them are done. */
import { cpuCount, isMain, JoinableQueue, Process, Queue } from 'nprocs';

export async function worker(tasks: JoinableQueue<number | null>, results: Queue<[number, number]>): Promise<void> {
	for (;;) {
		const task = await tasks.get();
		try {
			if (task === null) return;
			let sum = 0;
			for (let i = 1; i <= task; i++) sum += i;
			await results.put([task, sum]);
		} finally {
			tasks.taskDone();
		}
	}
}

if (isMain(import.meta)) {
	const tasks = new JoinableQueue<number | null>();
	const results = new Queue<[number, number]>();
	const workers = Array.from({ length: Math.max(2, cpuCount()) }, () => new Process({ target: worker, args: [tasks, results] }).start());
	for (let task = 1; task <= 10; task++) await tasks.put(task * 100);
	// A worker that dies with a task in hand makes this a WorkerDiedError.
	await tasks.join();
	const sums = new Map(await results.getMany());
	for (const task of [...sums.keys()].sort((a, b) => a - b)) console.log(`1 + … + ${task} = ${sums.get(task)}`);
	for (const _ of workers) await tasks.put(null);
	for (const each of workers) await each.join();
	tasks.close();
	results.close();
}
