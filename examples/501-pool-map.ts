/** The squares of 0 … 99, by a pool of four processes. */
import { isMain, Pool } from 'nprocs';

export function square(x: number): number {
	return x * x;
}

if (isMain(import.meta)) {
	const pool = new Pool(4);
	const numbers = Array.from({ length: 100 }, (_, i) => i);
	const squares = await pool.map(square, numbers);
	console.log(`[${squares.join(', ')}]`);
	pool.close();
	await pool.join();
}
