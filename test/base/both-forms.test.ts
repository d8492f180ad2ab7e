/** Operations whose steps are written once, and both of their drivers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocking, either, inLoop, type BothForms } from '#nprocs/base/both-forms.js';

const log: string[] = [];

/** Asks for two values, the second one until it comes; what goes wrong with the first one is taken for 'none'. */
function* operation(ask: (what: string) => BothForms<string>): BothForms<string> {
	log.push('begins');
	let first: string;
	try {
		first = yield* ask('first');
	} catch (error) {
		first = `none: ${(error as Error).message}`;
	} finally {
		log.push('has asked');
	}
	return `${first}, ${yield* ask('second')}`;
}

const answering = (what: string): BothForms<string> =>
	either(
		() => Promise.resolve(`${what} in the loop`),
		() => `${what} at once`,
	);
const failing = (failed: string) =>
	function* ask(what: string): BothForms<string> {
		if (what !== failed) return what;
		return yield* either(
			() => Promise.reject<string>(new Error('in the loop')),
			(): string => {
				throw new Error('at once');
			},
		);
	};

test('each driver takes its own way of each step', async () => {
	assert.equal(await inLoop(operation(answering)), 'first in the loop, second in the loop');
	assert.equal(blocking(operation(answering)), 'first at once, second at once');
});

test('in the loop, what comes before the first pause is done at the call', async () => {
	log.length = 0;
	const result = inLoop(operation(answering));
	assert.deepEqual(log, ['begins']);
	await result;
	assert.deepEqual(log, ['begins', 'has asked']);
});

test('what a step fails with is thrown where it was asked for, and can be caught there', async () => {
	assert.equal(await inLoop(operation(failing('first'))), 'none: in the loop, second');
	assert.equal(blocking(operation(failing('first'))), 'none: at once, second');
});

test('what nobody catches is what the operation fails with; in the loop, always by a rejection', async () => {
	await assert.rejects(inLoop(operation(failing('second'))), /in the loop/);
	assert.throws(() => blocking(operation(failing('second'))), /at once/);
	// eslint-disable-next-line require-yield
	const refused = function* refused(): BothForms<never> {
		throw new Error('refused');
	};
	await assert.rejects(inLoop(refused()), /refused/);
	assert.throws(() => blocking(refused()), /refused/);
});

test('a way is called with no `this`: what a program has given sees nothing of how it is called', async () => {
	const seen: unknown[] = [];
	function look(this: unknown): void {
		seen.push(this);
	}
	await inLoop(either(look, look));
	blocking(either(look, look));
	assert.deepEqual(seen, [undefined, undefined]);
});
