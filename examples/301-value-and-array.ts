/** A Value and a SharedArray: numbers that all processes see. */
import { Process, SharedArray, Value, isMain } from 'nprocs';

export function work(count: Value<'int32'>, squares: SharedArray<Float64Array>, i: number): void {
	squares.array[i] = i * i; // nobody else writes this element
	count.runSync(() => count.value++); // read and write: under its lock
}

if (isMain(import.meta)) {
	const count = new Value('int32', 0);
	const squares = new SharedArray(Float64Array, 5);
	const processes = [0, 1, 2, 3, 4].map((i) => new Process({ target: work, args: [count, squares, i] }).start());
	for (const process of processes) await process.join();
	console.log(count.value, [...squares]);
}
