/**
 * An RLock: functions that lock may call each other. Two chains of `await` in one process exclude each
 * other, as two processes do.
 */
import { RLock, isMain } from 'nprocs';

const lock = new RLock();
const account = { balance: 100 };

async function add(amount: number): Promise<void> {
	using _ = await lock.hold();
	account.balance += amount;
}

async function addTwice(name: string, amount: number): Promise<void> {
	using _ = await lock.hold();
	await add(amount); // acquires again
	await add(amount);
	console.log(`${name}: ${account.balance}`);
}

if (isMain(import.meta)) {
	await Promise.all([addTwice('first', 10), addTwice('second', 1)]);
	lock.close();
}
