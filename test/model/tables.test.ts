/**
 * The table of tokens in every order of steps and with a death at every step (see explore.ts): claims, sweeps and
 * growth at once; `npm run test:full` explores within larger bounds.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type * as Tables from '#nprocs/memory/token-table.js';

let instantiate: Instantiate;
const modules = { 'memory/token-table.ts': ['TokenTable', 'extensionOf'] };
before(async () => {
	instantiate = await inSteps(modules);
});

const entryWords = 2;
/** So few that the second one or the third must sweep or grow. */
const firstCount = 1;
const note = 1;

let int32 = new Int32Array(0);

function tableOf(process: ModelProcess, bytes = 16): Tables.TokenTable {
	const lib = process.lib as unknown as typeof Tables;
	const extension = runToEnd(lib.extensionOf({ name: 'object', kind: 'Test' }, 65536, bytes)) as Tables.Extension;
	return new lib.TokenTable({ what: 'tests', int32, offset: 0, entryWords, firstCount, extension });
}

const tokenOf = (id: number): number => id + 1;

function isGone(process: ModelProcess, table: Tables.TokenTable) {
	return function* (owner: number, index: number): Body {
		return (process.world.dead.has(owner - 1) && (yield* call(table.read(index, note))) === 0) as never;
	} as unknown as (owner: number, index: number) => boolean;
}

/** Claims an entry, is alone with it for two steps, gives it back; so many times. */
function user(times: number): Program {
	return function* (process): Body {
		const table = tableOf(process);
		const token = tokenOf(process.id);
		for (let i = 0; i < times; i++) {
			const index = yield* call(table.claim(token, isGone(process, table)));
			const key = `entry${index}`;
			const other = process.world.notes[key] ?? 0;
			assert.ok(other === 0 || process.world.dead.has(other - 1), `entry ${index} has two owners`);
			assert.ok((yield* call(table.inUse)) > index, 'who looks at those in use misses it');
			process.world.notes[key] = token;
			yield* call(table.write(index, note, token));
			assert.equal(yield* call(table.read(index, note)), token, 'another one has written into it');
			assert.equal(yield* call(table.load(index)), token);
			yield* call(table.write(index, note, 0));
			process.world.notes[key] = 0;
			yield* call(table.free(index, token));
		}
	};
}

/** As a repairer does under its lock: what the dead one's entry says is dropped, then it may be swept. */
function dropDead(world: World): void {
	const table = tableOf(world.process(50));
	const inUse = runToEnd(table.inUse) as number;
	for (let i = 0; i < inUse; i++) {
		const owner = runToEnd(table.load(i)) as number;
		if (world.dead.has(owner - 1)) runToEnd(table.write(i, note, 0));
	}
}

/** In the end all entries can be had, each by one. */
function check(world: World, killed: number | undefined): void {
	dropDead(world);
	const process = world.process(50);
	const table = tableOf(process);
	const got = [0, 1, 2].map((i) => runToEnd(table.claim(100 + i, isGone(process, table))));
	assert.deepEqual(got.sort(), [0, 1, 2], `killed: ${killed}`);
}

function run(scenario: Partial<Scenario>, t: { diagnostic(message: string): void }, damaged = instantiate): void {
	const setup = (): void => {
		int32 = new Int32Array(2 + entryWords * firstCount);
	};
	const { runs, deaths, complete } = explore(damaged, { programs: [user(2), user(2), user(1)], setup, check, preemptions: 2, ...scenario });
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('claim, free, grow: each entry has one owner, and nobody is left without', (t) => run({ preemptionsInBrief: 1 }, t));
test('the same with a death at every step', (t) => run({ mortal: 0, preemptions: 1 }, t));

const faults: Record<string, { from: RegExp; to: string }> = {
	'claiming without comparing': {
		from: /return Atomics\.compareExchange\(this\.#words\(index\), this\.#at\(index\) \+ field, from, to\) === from;/,
		to: 'Atomics.store(this.#words(index), this.#at(index) + field, to); return true;',
	},
	'sweeping by storing 0': {
		from: /mayFree\(key, index\) && keys\.swap\(index, key, keys\.nobody\)/,
		to: 'mayFree(key, index) && (keys.write(index, 0, 0), true)',
	},
};

for (const [title, { from, to }] of Object.entries(faults)) {
	test(`the model finds a fault: ${title}`, async (t) => {
		const damaged = await inSteps(modules, (source) => {
			assert.match(source, from);
			return source.replace(from, to);
		});
		assert.throws(() => run({ mortal: 0, preemptions: 2 }, t, damaged), /two owners|has written into it|killed: undefined/);
	});
}
