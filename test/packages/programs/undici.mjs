import { Pool } from 'undici';

export async function open() {
	const pool = new Pool(process.env.WEB, { connections: 1, keepAliveTimeout: 60_000 });
	await (await pool.request({ path: '/', method: 'GET' })).body.text();
	return pool;
}

export async function use(pool, n) {
	for (let i = 0; i < 20; i++) {
		const path = `/${n}-${i}`;
		const found = await (await pool.request({ path, method: 'GET' })).body.text();
		if (found !== path) return `the answer ${found} of another process`;
	}
	return true;
}

export function close(pool) {
	return pool.close();
}
