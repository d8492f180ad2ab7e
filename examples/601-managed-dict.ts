/**
 * A dictionary that ten processes fill: it lives in the manager's server process, and each of them has a proxy of it.
 */
import { isMain, Manager, Process, type DictProxy } from 'nprocs';

export async function worker(dictionary: DictProxy<number, number>, key: number, item: number): Promise<void> {
	await dictionary.set(key, item);
	console.log(`key = ${key} value = ${item}`);
}

if (isMain(import.meta)) {
	await using manager = await Manager();
	const dictionary = await manager.dict<number, number>();
	const jobs = Array.from({ length: 10 }, (_, i) => new Process({ target: worker, args: [dictionary, i, i * 2] }));
	for (const job of jobs) job.start();
	for (const job of jobs) await job.join();
	const results = [...(await dictionary.copy())].sort(([a], [b]) => a - b).map(([key, value]) => `${key}: ${value}`);
	console.log(`Results: {${results.join(', ')}}`);
}
