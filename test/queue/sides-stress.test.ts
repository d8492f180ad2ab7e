/**
 * Producers and consumers with one side of a queue each are killed at random: nothing comes twice, nothing is lost that
 * was not in the hands of a killed one, nobody waits for ever.
 */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { Process, Queue, SharedArray } from 'nprocs';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { consume, produce, stopOf, type Item, type Taken } from '../fixtures/channel/side-stress.js';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

const producers = 3;
const consumers = 3;
const count = 400;

/** Who may die, and whether somebody ends the queue on the way. */
const runs = {
	'producers are killed': { mortal: 'producers', isEnded: false, maxsize: 0 },
	'consumers are killed, but one': { mortal: 'consumers', isEnded: false, maxsize: 20 },
	'all consumers are killed': { mortal: 'all consumers', isEnded: false, maxsize: 20 },
	'some of both are killed, and somebody ends the queue': { mortal: 'both', isEnded: true, maxsize: 7 },
} as const;

for (const [name, options] of Object.entries(runs)) test(name, (t) => run(options, t));

async function run({ mortal, isEnded, maxsize }: (typeof runs)[keyof typeof runs], t: TestContext): Promise<void> {
	const random = seeded(t);
	const queue = new Queue<Item>(maxsize);
	const taken = new Queue<Taken>();
	const accepted = new SharedArray(Int32Array, producers);
	const makers = Array.from({ length: producers }, (_, id) =>
		new Process({ target: produce, args: [queue.sender(), accepted, id, count] }).start(),
	);
	const takers = Array.from({ length: consumers }, (_, id) =>
		new Process({ target: consume, args: [queue.receiver(), taken.sender(), id] }).start(),
	);
	const ender = queue.sender();
	const total = producers * count;
	// When so much has been taken, this happens.
	const events: [number, () => void][] = [];
	const kill = (victims: Process[], many: number): void => {
		for (const victim of victims.slice(0, many)) events.push([random(total / 2), () => victim.kill()]);
	};
	if (mortal === 'producers' || mortal === 'both') kill(makers, 2);
	if (mortal === 'consumers' || mortal === 'both') kill(takers, consumers - 1);
	if (mortal === 'all consumers') kill(takers, consumers);
	if (isEnded) events.push([random(total / 2), () => ender.end()]);
	else queue.close();
	const got = await collect(taken, makers, takers, events);
	queue.close();
	taken.close();
	check({ got, accepted: [...accepted.array], killed: takers.filter(({ exitCode }) => exitCode === -9).length });
	for (const { exitCode } of takers) assert.ok(exitCode === 0 || exitCode === -9, `a consumer ended with ${exitCode}`);
	for (const { exitCode } of makers) assert.ok([0, -9].includes(exitCode!) || stopOf(exitCode) !== undefined, `a producer ended with ${exitCode}`);
	if (mortal === 'all consumers')
		assert.deepEqual(
			makers.map(({ exitCode }) => stopOf(exitCode)),
			Array(producers).fill('ERR_NPROCS_NO_READER'),
		);
	accepted.close();
}

/** Everything that was taken, when all processes have ended; causes the events on the way. */
async function collect(taken: Queue<Taken>, makers: Process[], takers: Process[], events: [number, () => void][]): Promise<Taken[]> {
	const got: Taken[] = [];
	const isDone = (): boolean => [...makers, ...takers].every((each) => !each.isAlive());
	for (;;) {
		for (const event of events) {
			if (got.length < event[0]) continue;
			event[1]();
			event[0] = Infinity;
		}
		const wasDone = isDone();
		const some = await taken.getMany(10, 20).catch(() => []);
		got.push(...some);
		if (some.length === 0 && wasDone) return got;
		// Where one side is gone, nothing more comes: what is to happen later than that happens now.
		const isStill = some.length === 0 && [makers, takers].some((side) => side.every((each) => !each.isAlive()));
		if (isStill) for (const event of events) event[0] = event[0] === Infinity ? Infinity : 0;
	}
}

function check({ got, accepted, killed }: { got: Taken[]; accepted: number[]; killed: number }): void {
	let missing = 0;
	for (let producer = 0; producer < producers; producer++) {
		const numbers = got.filter((each) => each[1] === producer).map((each) => each[2]);
		assert.equal(new Set(numbers).size, numbers.length, `of producer ${producer}, something came twice`);
		for (let consumer = 0; consumer < consumers; consumer++) {
			const own = got.filter((each) => each[0] === consumer && each[1] === producer).map((each) => each[2]);
			assert.deepEqual(
				own,
				own.toSorted((a, b) => a - b),
				`producer ${producer}, consumer ${consumer}: out of order`,
			);
		}
		const seen = new Set(numbers);
		for (let i = 0; i < accepted[producer]!; i++) if (!seen.has(i)) missing++;
		assert.ok(
			numbers.every((i) => i <= accepted[producer]!),
			'something came that was not accepted',
		);
	}
	// Where a consumer is left, each killed one takes at most the item with it that it had in its hands.
	if (killed < consumers) assert.ok(missing <= killed, `${missing} are missing, ${killed} consumers were killed`);
}

function seeded(t: TestContext): (below: number) => number {
	let state = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
	t.diagnostic(`seed ${state}`);
	return (below) => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		return Math.floor(((state >>> 8) / 2 ** 24) * below);
	};
}
