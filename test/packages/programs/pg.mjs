import pg from 'pg';

export async function open() {
	const pool = new pg.Pool({ host: '127.0.0.1', port: Number(process.env.POSTGRES_PORT), user: 'postgres', database: 'postgres', max: 2 });
	await pool.query('SELECT 1');
	return pool;
}

export async function use(pool, n) {
	for (let i = 0; i < 20; i++) {
		const { rows } = await pool.query('SELECT $1::int AS number', [n * 100 + i]);
		if (rows[0].number !== n * 100 + i) return `the answer ${rows[0].number} of another process`;
	}
	return true;
}

export function close(pool) {
	return pool.end();
}
