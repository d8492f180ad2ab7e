/**
 * Two functions of `node:crypto` keep what they give in stock, and all copies of a process would be given the same:
 * `randomInt` draws 1024 numbers ahead, `randomUUID` 128 ids. (All else takes its bytes from OpenSSL, which notices a
 * fork.)
 *
 * Modules take these functions out of `node:crypto` when they are imported, so whoever would replace them must come
 * first, and each forkserver would load `node:crypto` for that: on Node 24 a sixth of the processor time that its start
 * takes. Instead, stocks are used up. Where nobody has loaded `node:crypto`, there are none.
 */
import { processWide } from '../../base/process-wide.ts';

/** Whether Node has loaded this one of its own modules. Where it does not say so, it may have. */
export function isLoaded(name: string): boolean {
	return (process as { moduleLoadList?: readonly string[] }).moduleLoadList?.includes(`NativeModule internal/${name}`) ?? true;
}

/** To be called in a process that is going to be forked, after code of the program has run. */
export function useUpStocks(): void {
	stocks().areIntsUsedUp = !isLoaded('crypto/random') || useUpInts();
}

/**
 * To be called in a forked process. Drawing the numbers here would cost each child five times as much as the ids, so
 * that is done before.
 */
export function renewStocks(): void {
	if (!isLoaded('crypto/random')) return;
	const { randomInt, randomUUID } = process.getBuiltinModule('node:crypto');
	for (let i = 0; i < stockedIds; i++) randomUUID();
	for (let i = 0; i < stockedInts && !stocks().areIntsUsedUp; i++) randomInt(2);
}

const stockedIds = 128;
const stockedInts = 1024;
/** Known to all copies of the library: one of them may use up what another one looks at in the forked process. */
const stocks = processWide('crypto-stocks/1', () => ({ areIntsUsedUp: true }));

/**
 * `randomInt` reads each number from a buffer by one of Buffer's methods, which sees there how many are left. False: it
 * does not do so in this Node.
 */
function useUpInts(): boolean {
	const { randomInt } = process.getBuiltinModule('node:crypto');
	const { readUIntBE } = Buffer.prototype;
	let bytesLeft: number | undefined;
	Buffer.prototype.readUIntBE = function (offset: number, bytes: number) {
		bytesLeft = this.length - offset - bytes;
		return readUIntBE.call(this, offset, bytes);
	};
	try {
		for (let i = 0; i < stockedInts && bytesLeft !== 0; i++) randomInt(2);
	} finally {
		Buffer.prototype.readUIntBE = readUIntBE;
	}
	return bytesLeft === 0;
}
