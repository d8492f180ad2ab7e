/** The timeline of a job: one file in Chrome's trace format, also of a job that is ended. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runRanks } from '../../helpers/mpi.js';

interface Event {
	readonly name?: string;
	readonly ph: string;
	readonly pid: number;
	readonly ts?: number;
	readonly id?: string;
	readonly args?: Record<string, unknown>;
}

const folder = mkdtempSync(join(tmpdir(), 'trace-'));
after(() => rmSync(folder, { recursive: true }));

async function trace(...args: string[]): Promise<{ events: Event[]; code: number | null }> {
	const file = join(folder, 'trace.json');
	const { code } = await runRanks(2, 'calls', { launcher: ['--trace', file], args });
	const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Event[] };
	assert.deepEqual(readdirSync(folder), ['trace.json'], 'no part of a rank is left');
	return { events: traceEvents, code };
}

test('each call of each rank has a beginning and an end, in order, with what it was given', async () => {
	const { events, code } = await trace();
	assert.equal(code, 0);
	assert.deepEqual(
		events.filter(({ name }) => name === 'process_name').map(({ args }) => args),
		[{ name: 'rank 0' }, { name: 'rank 1' }],
	);
	for (const rank of [0, 1]) {
		const own = events.filter(({ pid, ph }) => pid === rank && ph !== 'M');
		const calls = own.filter(({ ph }) => ph === 'B').map(({ name }) => name);
		assert.deepEqual(calls, [rank === 0 ? 'Send' : 'Recv', 'Barrier', 'allreduce', rank === 0 ? 'isend' : 'irecv']);
		assert.equal(own.filter(({ ph }) => ph === 'E').length, calls.length);
		let before = 0;
		for (const { ts } of own) {
			assert.ok(ts! >= before, `time runs backwards: ${before}, ${ts}`);
			before = ts!;
		}
	}
	const [send] = events.filter(({ name }) => name === 'Send');
	assert.deepEqual(send!.args, { buf: 'Float64Array(10)', dest: 1, tag: 7 });
	const reduce = events.find(({ name, ph }) => name === 'allreduce' && ph === 'B');
	assert.equal(Object.values(reduce!.args!)[0], 0);
	for (const rank of [0, 1]) {
		const awaited = events.filter(({ ph, pid }) => pid === rank && 'be'.includes(ph));
		assert.deepEqual(
			awaited.map(({ ph }) => ph),
			['b', 'e'],
		);
		assert.equal(awaited[0]!.id, awaited[1]!.id);
	}
	// A message arrives after it was sent: the clocks of the ranks are one.
	const received = events.filter(({ pid, ph }) => pid === 1 && ph === 'E')[0]!;
	assert.ok(received.ts! > send!.ts!);
});

test('the timeline of a job that is ended shows the call in which a rank was', async () => {
	const { events, code } = await trace('stuck');
	assert.equal(code, 1);
	const own = events.filter(({ pid, ph }) => pid === 1 && 'BE'.includes(ph));
	assert.deepEqual([own.at(-1)!.name, own.at(-1)!.ph, own.at(-1)!.args], ['recv', 'B', { source: 0, tag: 9 }]);
});
