import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { AsyncResult, fail, fulfil, type ResultSource } from '#nprocs/task/async-result.js';

class Source implements ResultSource {
	readonly cancelled: unknown[] = [];
	onPump = (): void => {};

	pumpSync(isSettled: () => boolean): boolean {
		this.onPump();
		return isSettled();
	}

	cancel(_result: AsyncResult<unknown>, reason: unknown): void {
		this.cancelled.push(reason);
	}
}

const make = (source = new Source()): AsyncResult<number> => new AsyncResult<number>(source);

test('a result is a promise whose then gives plain promises', async () => {
	const result = make();
	const next = result.then((value) => value + 1);
	assert.equal(next.constructor, Promise);
	assert.equal(result.ready(), false);
	assert.equal(fulfil(result, 1), true);
	assert.equal(fulfil(result, 2), false);
	assert.equal(await result, 1);
	assert.equal(await next, 2);
	assert.equal(result.successful(), true);
	assert.equal(await result.get(0), 1);
	assert.deepEqual(await Promise.all([result, result]), [1, 1]);
});

test('waiting has a limit and says whether there is a result', async () => {
	const result = make();
	assert.equal(await result.wait(0), false);
	assert.equal(await result.wait(5), false);
	await assert.rejects(result.get(5), { code: 'ERR_NPROCS_TIMEOUT' });
	assert.throws(() => result.successful(), { code: 'ERR_NPROCS_INVALID_ARG' });
	const waiting = result.wait();
	fail(result, new RangeError('no'));
	assert.equal(await waiting, true);
	assert.equal(await result.wait(), true);
	assert.equal(result.successful(), false);
	await assert.rejects(result.get(), RangeError);
	assert.throws(() => result.getSync(), RangeError);
});

test('an aborted wait rejects with the reason of its signal and leaves the result alone', async () => {
	const result = make();
	const reason = new Error('enough');
	const controller = new AbortController();
	const waiting = result.get(controller.signal);
	controller.abort(reason);
	await assert.rejects(waiting, reason);
	fulfil(result, 3);
	assert.equal(await result, 3);
});

test('a blocked thread has the source take in what comes', () => {
	const source = new Source();
	const result = make(source);
	assert.throws(() => result.getSync(0), { code: 'ERR_NPROCS_TIMEOUT' });
	source.onPump = () => fulfil(result, 4);
	assert.equal(result.waitSync(), true);
	assert.equal(result.getSync(), 4);
});

test('cancel rejects at once, tells the source, and only once', async () => {
	const source = new Source();
	const result = make(source);
	assert.equal(result.cancel('why'), true);
	assert.equal(result.cancel(), false);
	assert.deepEqual(source.cancelled, ['why']);
	await assert.rejects(result, (error) => error === 'why');
	const other = make(source);
	other.cancel();
	await assert.rejects(other, { name: 'AbortError' });
});

test('a failure that nobody handles is an unhandled rejection, unless it was asked for', () => {
	// In a process of its own: node:test takes all unhandled rejections for failures.
	const program = `
		import { AsyncResult, fail } from '#nprocs/task/async-result.js';
		process.on('unhandledRejection', (error) => console.log(error));
		const make = () => new AsyncResult({ pumpSync: () => false, cancel() {} });
		const asked = make();
		asked.ready();
		fail(asked, 'asked');
		fail(make(), 'wanted', { wanted: true });
		make().cancel('cancelled');
		fail(make(), 'nobody');`;
	const root = join(import.meta.dirname, '../../..');
	assert.equal(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' }), 'nobody\n');
});
