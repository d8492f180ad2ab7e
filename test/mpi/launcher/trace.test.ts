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
	readonly tid?: number;
	readonly cat?: string;
	readonly ts?: number;
	readonly id?: string;
	readonly args?: Record<string, unknown>;
}

const folder = mkdtempSync(join(tmpdir(), 'trace-'));
after(() => rmSync(folder, { recursive: true }));

/**
 * Holds what the Trace Event Format (which Perfetto reads) asks of each event, and that on each thread one call ends
 * before the next one begins, in the order of time. Only the last call of a rank that was ended may have no end.
 */
function validate(events: readonly Event[], ranks: number): void {
	const open = new Map<string, number>();
	const awaits = new Map<string, number>();
	const latest = new Map<string, number>();
	for (const event of events) {
		const text = JSON.stringify(event);
		assert.ok(Number.isInteger(event.pid) && event.pid >= 0 && event.pid < ranks, text);
		assert.match(event.ph, /^[BEbeM]$/, text);
		if (event.ph === 'M') {
			assert.match(event.name!, /^process_(name|sort_index)$/, text);
			assert.equal(typeof event.args, 'object', text);
			continue;
		}
		assert.ok(Number.isInteger(event.tid), text);
		assert.ok(Number.isFinite(event.ts) && event.ts! > 0, text);
		if (event.ph !== 'E') assert.ok(typeof event.name === 'string' && event.name !== '', text);
		const thread = `${event.pid}/${event.tid}`;
		assert.ok(event.ts! >= (latest.get(thread) ?? 0), `time runs backwards at ${text}`);
		latest.set(thread, event.ts!);
		if ('BE'.includes(event.ph)) {
			const depth = (open.get(thread) ?? 0) + (event.ph === 'B' ? 1 : -1);
			assert.ok(depth >= 0 && depth <= 1, `calls are not nested at ${text}`);
			open.set(thread, depth);
			continue;
		}
		assert.ok(typeof event.id === 'string' && typeof event.cat === 'string', text);
		const count = (awaits.get(event.id) ?? 0) + 1;
		assert.equal(event.ph, count === 1 ? 'b' : 'e', text);
		awaits.set(event.id, count);
	}
	assert.deepEqual(
		new Set(events.filter(({ name }) => name === 'process_name').map(({ pid }) => pid)),
		new Set(Array.from({ length: ranks }, (_, rank) => rank)),
	);
}

async function trace(...args: string[]): Promise<{ events: Event[]; code: number | null }> {
	const file = join(folder, 'trace.json');
	const { code } = await runRanks(2, 'calls', { launcher: ['--trace', file], args });
	const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Event[] };
	assert.deepEqual(readdirSync(folder), ['trace.json'], 'no part of a rank is left');
	validate(traceEvents, 2);
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
		assert.deepEqual(calls, [
			rank === 0 ? 'Send' : 'Recv',
			'Barrier',
			'allreduce',
			rank === 0 ? 'isend' : 'irecv',
			'Waitall',
			'Get_processor_name',
			'Finalize',
		]);
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

for (const way of ['killed', 'aborted', 'thrown']) {
	test(`the timeline of a job of which a rank is ${way} is whole`, async () => {
		const { events, code } = await trace(way);
		assert.equal(code, { killed: 137, aborted: 7, thrown: 1 }[way]);
		const own = events.filter(({ pid, ph }) => pid === 0 && ph === 'B');
		assert.equal(own.at(-1)!.name, 'recv');
	});
}
