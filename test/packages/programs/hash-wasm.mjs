import { createHash } from 'node:crypto';
import { createSHA256, xxhash64 } from 'hash-wasm';

export function open() {
	return createSHA256();
}

export async function use(hasher, n) {
	const expected = createHash('sha256').update(`number ${n}`).digest('hex');
	return hasher.init().update(`number ${n}`).digest() === expected && (await xxhash64(`number ${n}`)).length === 16;
}
