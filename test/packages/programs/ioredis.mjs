import { Redis } from 'ioredis';

export async function open() {
	const redis = new Redis(Number(process.env.REDIS_PORT), '127.0.0.1');
	await redis.ping();
	return redis;
}

export async function use(redis, n) {
	for (let i = 0; i < 20; i++) {
		await redis.set(`number-${n}-${i}`, i);
		const found = await redis.get(`number-${n}-${i}`);
		if (found !== String(i)) return `the answer ${found} of another process`;
	}
	return true;
}

export function close(redis) {
	return redis.quit();
}
