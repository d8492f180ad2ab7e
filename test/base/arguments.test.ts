/** What callers give wrongly is an ArgumentError at the call that names it and says what to write; nothing is done. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
	ArgumentError,
	Barrier,
	BoundedSemaphore,
	Condition,
	connect,
	connectSync,
	Event,
	getContext,
	inline,
	Listener,
	Lock,
	Pipe,
	Process,
	Queue,
	registerClass,
	RLock,
	Semaphore,
	setStartMethod,
	ShareableList,
	SharedArray,
	SharedMemory,
	Value,
	wait,
	waitSync,
} from 'nprocs';
import { describe as describeValue } from '#nprocs/base/arguments.js';

const wrong = (options: object): never => options as never;

/** Each takes options: what is called with one that does not exist, and one of its own, misspelt. */
const takers: Record<string, [take: (options: never) => unknown, misspelt: string, meant: string]> = {
	'new Process()': [(options) => new Process(options), 'targt', 'target'],
	'new Process() of a context': [(options) => new (getContext('spawn').Process)(options), 'Daemon', 'daemon'],
	'new Lock()': [(options) => new Lock(options), 'nmae', 'name'],
	'new RLock()': [(options) => new RLock(options), 'detectDeadlock', 'detectDeadlocks'],
	'new Semaphore()': [(options) => new Semaphore(1, options), 'names', 'name'],
	'new BoundedSemaphore()': [(options) => new BoundedSemaphore(1, options), 'Name', 'name'],
	'new Condition()': [(options) => new Condition(undefined, options), 'nam', 'name'],
	'new Event()': [(options) => new Event(options), 'nme', 'name'],
	'new Barrier()': [(options) => new Barrier(2, options), 'timeOut', 'timeout'],
	'new Value()': [(options) => new Value('int32', 0, options), 'locked', 'lock'],
	'new SharedArray()': [(options) => new SharedArray(Float64Array, 1, options), 'look', 'lock'],
	'new SharedMemory()': [(options) => new SharedMemory(options), 'sise', 'size'],
	'new ShareableList()': [(options) => new ShareableList([1], options), 'Name', 'name'],
	'Pipe()': [(options) => Pipe(options), 'duplx', 'duplex'],
	'new Listener()': [(options) => new Listener(undefined, options), 'authKey', 'authkey'],
	'connect()': [(options) => connectSync('/nowhere', options), 'time', 'timeout'],
	'setStartMethod()': [(options) => setStartMethod('spawn', options), 'Force', 'force'],
	'registerClass()': [(options) => registerClass(class Point {}, options), 'serialise', 'serialize'],
	'a wait': [(options) => new Queue().getSync(options), 'timeOut', 'timeout'],
};

describe('options', () => {
	for (const [name, [take, misspelt, meant]] of Object.entries(takers)) {
		test(`${name}: an unknown option`, () => {
			assert.throws(() => take(wrong({ block: false })), /^ArgumentError: Unknown option `block` of .* It takes `/);
			assert.throws(
				() => take(wrong({ [misspelt]: undefined })),
				new RegExp(`Unknown option \`${misspelt}\` of .*Did you mean \`${meant}\`\\?`),
			);
		});

		test(`${name}: something else than options`, () => {
			for (const other of [null, 'name', 7n, [], new Map(), new Date(), new AbortController()]) {
				// A lock, a set of waiters, … may stand where some of them do.
				assert.throws(() => take(other as never), { name: 'ArgumentError', code: 'ERR_NPROCS_INVALID_ARG' }, describeValue(other));
			}
		});
	}

	test('asynchronous calls reject', async () => {
		await assert.rejects(connect('/nowhere', wrong({ key: 'x' })), ArgumentError);
		await assert.rejects(new Queue().get(wrong({ block: false })), /Unknown option `block` of a wait\. It takes `timeout`, `signal`/);
		await assert.rejects(new Lock().acquire(new Date() as never), /got a Date/);
	});

	test('the kind of each is checked', () => {
		const cases: [() => unknown, RegExp][] = [
			[() => new Process(wrong({ args: 'x' })), /Expected `args` of new Process\(\) to be an array, got the string "x"/],
			[() => new Process(wrong({ stdio: 'pipes' })), /to be 'inherit', 'ignore' or 'pipe', got the string "pipes"/],
			[() => new Process(wrong({ env: { A: 1 } })), /Expected A in `env` of new Process\(\) to be a string.*, got the number 1/],
			[() => new Process(wrong({ env: new Map([['A', '1']]) })), /to be an object of strings, got a Map/],
			[() => new Process(wrong({ context: {}, execArgv: [1] })), /to be an array of strings.*, got an array/],
			[() => new Lock(wrong({ detectDeadlocks: 'no' })), /Expected `detectDeadlocks` of new Lock\(\) to be a boolean/],
			[() => new Barrier(2, wrong({ action: 1 })), /to be a function, got the number 1/],
			[() => new Barrier(2, wrong({ timeout: '1' })), /to be a number of milliseconds, got the string "1"/],
			[() => new Listener(undefined, wrong({ backlog: -1 })), /to be a whole number from 0 on, got the number -1/],
			[() => Pipe(wrong({ duplex: 1 })), /to be a boolean/],
			[() => new SharedArray(Int8Array, 1, wrong({ lock: {} })), /to be true, false, a Lock or an RLock, got an object/],
			[
				() => new Queue().getSync(wrong({ timeout: Number.NaN })),
				/Expected `timeout` of a wait to be a number of milliseconds, got the number NaN/,
			],
		];
		for (const [call, message] of cases) assert.throws(call, message);
	});

	test('without a prototype, from a class, undefined: all are options', () => {
		class Options {
			name = 'x';
		}
		assert.equal(new Process(Object.assign(Object.create(null), { name: 'y' }) as object).name, 'y');
		assert.equal(new Process(new Options()).name, 'x');
		assert.equal(new Process(wrong({ name: undefined })).name.startsWith('Process-'), true);
	});
});

describe('what looks like something else', () => {
	test('new Process(fn)', () => {
		function work(): void {}
		assert.throws(() => new Process(work as never), /Write new Process\(\{ target: work \}\)/);
	});

	test('kill, terminate and interrupt take no signal', () => {
		const p = new Process();
		for (const verb of ['kill', 'terminate', 'interrupt'] as const) {
			const call = p[verb].bind(p) as (signal?: string) => void;
			assert.throws(
				() => call('SIGUSR2'),
				new RegExp(`^ArgumentError: Cannot give ${verb}\\(\\) an argument.*write process\\.kill\\(p\\.pid, 'SIGUSR2'\\)`),
			);
		}
		assert.throws(() => p.kill(), { code: 'ERR_NPROCS_PROCESS_NOT_STARTED' });
	});

	test('wait() of what cannot be waited for', async () => {
		const p = new Process();
		await assert.rejects(wait([p] as never), /got a Process\. To wait for the end of a process, give its `sentinel`/);
		await assert.rejects(wait([new Date()] as never), /^ArgumentError: .*got a Date\.$/);
		await assert.rejects(wait(new Queue() as never), /an array of what to wait for, got a Queue\. Write wait\(\[…\]\)/);
		assert.throws(() => waitSync(undefined as never), ArgumentError);
		for (const other of [null, undefined, 1, {}, Object.create(null)]) assert.throws(() => waitSync([other] as never), ArgumentError);
	});

	test('inline', () => {
		assert.throws(() => inline('code' as never), /given a function, got the string "code"/);
		assert.throws(() => inline(() => {}, 'x' as never), /an object of captured values/);
	});
});

test('a value is described without running its code', () => {
	const trap = new Proxy(
		{},
		{
			get() {
				throw new Error('never');
			},
		},
	);
	class Car {}
	const named = Object.assign(() => {}, {});
	Object.defineProperty(named, 'name', { value: 7 });
	const cases: [unknown, string][] = [
		[undefined, 'undefined'],
		[null, 'null'],
		[1n, 'the bigint 1n'],
		[-0.5, 'the number -0.5'],
		[Symbol('s'), 'the symbol Symbol(s)'],
		['x'.repeat(100), `the string "${'x'.repeat(60)}…"`],
		[[], 'an array'],
		[{}, 'an object'],
		[Object.create(null), 'an object'],
		[new Car(), 'a Car'],
		[new ArrayBuffer(1), 'an ArrayBuffer'],
		[trap, 'an object'],
		[function work() {}, 'the function work'],
		[named, 'the function (anonymous)'],
	];
	for (const [value, text] of cases) assert.equal(describeValue(value), text);
});
