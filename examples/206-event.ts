/** An Event: several processes wait for one starting signal. */
import { Event, Process, currentProcess, isMain } from 'nprocs';

export async function runner(start: Event): Promise<void> {
	const started = await start.wait(10_000);
	console.log(`${currentProcess().name} ${started ? 'runs' : 'waited in vain'}`);
}

if (isMain(import.meta)) {
	const start = new Event();
	const runners = [1, 2, 3].map((i) => new Process({ name: `runner ${i}`, target: runner, args: [start] }).start());
	start.set();
	for (const process of runners) await process.join();
}
