/** A Pool that lives in a manager's server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Manager, Pipe, Process } from 'nprocs';
import { gone } from '../helpers/programs.js';
import * as programs from '../fixtures/manager/programs.js';

test('Pool: work from any client, errors, signals, and its end', async () => {
	await using manager = await Manager();
	const pool = await manager.Pool(2, { initializer: programs.begin, initargs: ['begun'] });
	assert.equal(await pool.apply(programs.multiply, [6, 7]), 42);
	assert.equal(pool.applySync(programs.multiply, [2, 3]), 6);
	assert.deepEqual(await pool.map(programs.double, [1, 2, 3]), [2, 4, 6]);
	assert.deepEqual(pool.mapSync(programs.double, new Set([4])), [8]);
	assert.deepEqual(
		await pool.starmap(programs.multiply, [
			[1, 2],
			[3, 4],
		]),
		[2, 12],
	);
	assert.equal(await pool.apply(programs.whatBegan), 'begun');
	await assert.rejects(pool.apply(programs.multiply, ['x' as never, 1]), TypeError);
	await assert.rejects(
		pool.apply(() => 1),
		{ code: 'ERR_NPROCS_NOT_IMPORTABLE' },
	);
	for (const items of [5, undefined, {}, { async *[Symbol.asyncIterator]() {} }]) {
		await assert.rejects(pool.map(programs.double, items as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /iterable/ });
		assert.throws(() => pool.starmapSync(programs.multiply, items as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	}
	const reason = new Error('no more');
	const controller = new AbortController();
	const long = assert.rejects(pool.apply(programs.never, [], { signal: controller.signal }), reason);
	controller.abort(reason);
	await long;
	await assert.rejects(pool.apply(programs.never, [], { timeout: 20 }), { code: 'ERR_NPROCS_TIMEOUT' });
	const [here, there] = Pipe<unknown>();
	const child = new Process({ target: programs.useFromThere, args: [pool, there] }).start();
	assert.equal(await here.recv(), 20);
	await child.join();
	await pool.close();
	await assert.rejects(pool.apply(programs.double, [1]), { code: 'ERR_NPROCS_CLOSED' });
	await pool.join();
	await assert.rejects(manager.Pool(0), { code: 'ERR_NPROCS_INVALID_ARG' });
	here.close();
	there.close();
});

test('Pool: its workers end with the last proxy, and with a killed server', async () => {
	const manager = await Manager();
	const first = await manager.Pool(1);
	const pid = await first.apply(programs.ownPid);
	first[Symbol.dispose]();
	await gone(pid);
	const second = await manager.Pool(1);
	const other = await second.apply(programs.ownPid);
	manager.process!.kill();
	await gone(other);
	await manager.shutdown();
});
