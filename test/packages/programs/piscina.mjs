import { Piscina } from 'piscina';

export async function open() {
	const pool = new Piscina({ filename: new URL('piscina-worker.mjs', import.meta.url).href, maxThreads: 1 });
	await pool.run(1);
	return pool;
}

export async function use(pool, n) {
	const found = await Promise.all([1, 2, 3].map((factor) => pool.run(n * factor)));
	return found.join() === [1, 2, 3].map((factor) => n * factor * 2).join();
}

export function close(pool) {
	return pool.close();
}
