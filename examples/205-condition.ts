/** A Condition: a consumer waits until the producer has made something. */
import { Condition, Process, Value, isMain } from 'nprocs';

export async function consume(condition: Condition, items: Value<'int32'>, times: number): Promise<void> {
	for (let i = 1; i <= times; i++) {
		await condition.run(async () => {
			await condition.waitFor(() => items.value > 0);
			items.value--;
			console.log(`consumed ${i}`);
		});
	}
}

if (isMain(import.meta)) {
	const condition = new Condition();
	const items = new Value('int32', 0, { lock: false }); // the condition's lock protects it
	const consumer = new Process({ target: consume, args: [condition, items, 3] }).start();
	for (let i = 0; i < 3; i++) {
		await condition.run(() => {
			items.value++;
			condition.notify();
		});
	}
	await consumer.join();
	console.log(`${items.value} left`);
}
