/**
 * Every public class and function, and every call of channels, synchronization and shared memory, with arguments that
 * make no sense: each is an error of the library with a stable code, or is taken for what it is; never an error of
 * Node's or V8's that escapes, and the object goes on.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
	Barrier,
	BoundedSemaphore,
	Condition,
	connect,
	Event,
	JoinableQueue,
	Listener,
	Lock,
	Pipe,
	Queue,
	QueueReceiver,
	QueueSender,
	RLock,
	Semaphore,
	ShareableList,
	SharedArray,
	SharedMemory,
	SharedMemoryManager,
	Value,
	wait,
	waitSync,
} from 'nprocs';
import * as nprocs from 'nprocs';
import { collectGarbage } from '#nprocs/memory/janitor.js';

after(() => collectGarbage());

const trapped = (): never => {
	throw new Error('a trap of a Proxy');
};
const traps = new Proxy({}, { get: trapped, has: trapped, ownKeys: trapped, getPrototypeOf: trapped, getOwnPropertyDescriptor: trapped });
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

const values: Record<string, any> = {
	NaN,
	'-1': -1,
	'-Infinity': -Infinity,
	Infinity,
	'2 ** 53': 2 ** 53,
	'1e300': 1e300,
	'0.5': 0.5,
	text: 'x',
	'empty text': '',
	NUL: 'a\0b',
	null: null,
	true: true,
	bigint: 10n,
	symbol: Symbol('s'),
	function: () => {},
	array: [],
	object: {},
	'wrong signal': { signal: 5 },
	'wrong timeout': { timeout: 'x' },
	'unknown option': { blok: true },
	traps,
	revoked: revoked.proxy,
	detached,
	'no prototype': Object.create(null),
	Date: new Date(Number.NaN),
	ArrayBuffer: new ArrayBuffer(0),
};
const getters = Object.defineProperties(
	{},
	Object.fromEntries(['name', 'timeout', 'signal', 'target', 'lock', 'size'].map((name) => [name, { get: trapped, enumerable: true }])),
);
/** Where nothing waits. */
const moreValues: Record<string, any> = { ...values, undefined, getters, class: class Mine {} };
/** These wait for ever, or for a while that no test has, where a wait is expected. */
const endless = new Set(['Infinity', '2 ** 53', '1e300', 'object', 'no prototype']);

type Call = (value: any) => unknown;

async function tryAll(calls: Record<string, Call>, leaveOut: ReadonlySet<string> = new Set()): Promise<void> {
	const escaped: string[] = [];
	for (const [name, call] of Object.entries(calls)) {
		for (const [what, value] of Object.entries(values)) {
			if (leaveOut.has(what)) continue;
			try {
				const made = await call(value);
				(made as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
			} catch (error) {
				const { code, message } = error as { code?: unknown; message?: unknown };
				if (typeof code !== 'string' || !code.startsWith('ERR_NPROCS_')) escaped.push(`${name} with ${what}: ${message}`);
			}
		}
	}
	assert.deepEqual(escaped, []);
}

const forms = <Name extends string>(
	object: () => Record<Name, Call> | any,
	names: readonly Name[],
	before: readonly unknown[] = [],
): Record<string, Call> =>
	Object.fromEntries(names.map((name) => [`${name}(${[...before, 'value'].join()})`, (value) => object()[name](...before, value)]));

test('queues', async () => {
	using queue = new Queue<any>();
	const filled = (): Queue<any> => {
		while (queue.qsize() < 3) queue.putSync(0);
		return queue;
	};
	await tryAll({
		'new Queue': (value) => new Queue(value),
		'new JoinableQueue': (value) => new JoinableQueue(value),
		'new QueueSender': (value) => new (QueueSender as any)(value),
		'new QueueReceiver': (value) => new (QueueReceiver as any)(value),
		...forms(filled, ['put', 'putSync', 'putNowait', 'putMany', 'putManySync', 'get', 'getSync', 'getMany', 'getManySync']),
		...forms(filled, ['put', 'putSync', 'getMany', 'getManySync'], [1]),
		...forms(filled, ['putMany', 'putManySync'], [[1]]),
		...forms(() => filled().sender(), ['put', 'putMany']),
		...forms(() => filled().receiver(), ['get', 'getMany']),
	});
	while (!queue.empty()) queue.getSync();
	queue.putSync('as ever');
	assert.equal(queue.getSync(), 'as ever');
});

test('a getter that uses the same queue, and one that throws: what was put is what was taken', async () => {
	using queue = new Queue<any>();
	const reentrant = {
		get inner(): number {
			queue.putSync('from inside');
			return queue.qsize();
		},
	};
	queue.putSync(reentrant);
	await queue.put(reentrant);
	queue.putManySync([1, reentrant, 2]);
	const got = queue.getManySync();
	assert.deepEqual(
		got.map((each) => (typeof each === 'object' ? 'object' : each)),
		['from inside', 'object', 'from inside', 'object', 'from inside', 1, 'object', 2],
	);
	const throwing = {
		get inner(): never {
			throw new Error('by the getter');
		},
	};
	await assert.rejects(queue.put([1, throwing]), /by the getter/);
	assert.throws(() => queue.putManySync([1, throwing]), /by the getter/);
	const taking = {
		get inner(): unknown {
			return queue.getNowait();
		},
	};
	queue.putSync('taken inside');
	queue.putSync(taking);
	assert.deepEqual(queue.getSync(), { inner: 'taken inside' });
	assert.equal(queue.qsize(), 0);
});

test('connections, wait and listeners', async () => {
	const [reader, writer] = Pipe<any>();
	using listener = await new Listener().listen();
	using queue = new Queue();
	queue.putSync(1);
	await tryAll({
		...forms(() => writer, ['send', 'sendSync', 'sendBytes', 'sendBytesSync']),
		...forms(() => writer, ['send', 'sendSync'], [1]),
		...forms(() => writer, ['sendBytes', 'sendBytesSync'], [Buffer.alloc(4)]),
		...forms(() => writer, ['sendBytes', 'sendBytesSync'], [Buffer.alloc(4), 0]),
	});
	while (reader.pollSync(0)) await reader.recv().catch(() => reader.recvBytes());
	reader.close();
	writer.close();
	for (const [name, length] of [
		['recv', 0],
		['recvSync', 0],
		['poll', 0],
		['pollSync', 0],
		['recvBytes', 1],
		['recvBytesSync', 1],
		['recvBytesInto', 2],
		['recvBytesIntoSync', 2],
	] as const) {
		for (let place = 0; place <= length; place++) {
			await tryAll({
				[`${name}, argument ${place}`]: async (argument) => {
					const [own, other] = Pipe<any>() as any;
					if (length === 0) other.sendSync(1);
					else other.sendBytesSync(Buffer.from('abc'));
					const before = (name.startsWith('recvBytesInto') ? [Buffer.alloc(9), 0] : [9]).slice(0, place);
					try {
						await own[name](...before, argument);
					} finally {
						own.close();
						other.close();
					}
				},
			});
		}
	}
	await tryAll({
		Pipe: (argument) => Pipe(argument).forEach((each) => each.close()),
		'wait(value)': (argument) => wait(argument, 0),
		'wait([value])': (argument) => wait([argument], 0),
		'wait([queue], value)': (argument) => wait([queue], argument),
		'waitSync(value)': (argument) => waitSync(argument, 0),
		'waitSync([value])': (argument) => waitSync([argument], 0),
		'waitSync([queue], value)': (argument) => waitSync([queue], argument),
		'new Listener': (argument) => new Listener(argument),
		'new Listener(, value)': (argument) => new Listener(undefined, argument),
		...Object.fromEntries(
			['authkey', 'backlog', 'codec', 'authTimeout'].map((option) => [
				option,
				(argument: any) => new Listener(undefined, { [option]: argument }),
			]),
		),
		'listen at port': async (argument) => new Listener({ host: '127.0.0.1', port: argument }).listen(),
		connect: (argument) => connect(argument, { timeout: 1 }),
		'connect, options': (argument) => connect('/nowhere', argument),
		'connect, codec': (argument) => connect('/nowhere', { codec: argument }),
		'connect, authkey': (argument) => connect('/nowhere', { authkey: argument }),
		'connect, timeout': (argument) => connect('/nowhere', { timeout: argument }),
	});
	await tryAll({ accept: (argument) => listener.accept(argument) }, endless);
});

test('synchronization', async () => {
	const named = [Lock, RLock, Event, Condition, Semaphore, BoundedSemaphore, Barrier] as any[];
	await tryAll(
		Object.fromEntries(
			named.flatMap((Class) => [
				[`new ${Class.name}`, (value: any) => new Class(value)],
				[`new ${Class.name}(1, value)`, (value: any) => new Class(1, value)],
				[`new ${Class.name}({ name })`, (value: any) => new Class({ name: value })],
			]),
		),
	);
	await tryAll({
		'action of a Barrier': (value) => new Barrier(1, { action: value }),
		'timeout of a Barrier': (value) => new Barrier(1, { timeout: value }),
	});
	for (const Class of [Lock, RLock, Semaphore, BoundedSemaphore] as any[]) {
		await tryAll({
			...Object.fromEntries(
				['acquire', 'acquireSync', 'hold', 'holdSync', 'run', 'runSync'].map((name) => [
					`${Class.name}.${name}`,
					(value: any) => new Class()[name](value),
				]),
			),
			[`${Class.name}.run(f, value)`]: (value) => new Class().run(() => {}, value),
		});
	}
	const set = new Event();
	set.set();
	await tryAll({
		...forms(() => set, ['wait', 'waitSync']),
		...forms(() => new Barrier(1), ['wait', 'waitSync']),
	});
	set.close();
	const held = async (use: (condition: Condition) => unknown): Promise<void> => {
		using condition = new Condition();
		await condition.acquire();
		await use(condition);
	};
	await tryAll({
		'Condition.waitFor(value)': (value) => held((condition) => condition.waitFor(value, 1)),
		'Condition.waitFor(f, value)': (value) => held((condition) => condition.waitFor(() => true, value)),
		'Condition.notify': (value) => held((condition) => condition.notify(value)),
	});
	await tryAll({ 'Condition.wait': (value) => held((condition) => condition.wait(value)) }, endless);
});

test('values and shared memory', async () => {
	using list = new ShareableList([1, 'abc', null]);
	const manager = await new SharedMemoryManager().start();
	await tryAll({
		'new Value': (value) => new Value(value),
		'new Value(int8, value)': (value) => new Value('int8', value),
		'new Value(bigint64, value)': (value) => new Value('bigint64', value),
		'new Value(int8, 1, value)': (value) => new Value('int8', 1, value),
		'a Value’s lock': (value) => new Value('int8', 1, { lock: value }),
		...Object.fromEntries(
			(['int8', 'bool', 'float64', 'bigint64'] as const).map((type) => [type, (value: any) => void (new Value(type).value = value)]),
		),
		'new SharedArray': (value) => new SharedArray(value, 3),
		'new SharedArray(Int8Array, value)': (value) => new SharedArray(Int8Array, value),
		'new SharedArray(Int8Array, 1, value)': (value) => new SharedArray(Int8Array, 1, value),
		'new SharedArray(BigInt64Array, [value])': (value) => new SharedArray(BigInt64Array, [value]),
		'new SharedArray(Float64Array, [value])': (value) => new SharedArray(Float64Array, [value]),
		'new SharedMemory': (value) => new SharedMemory(value),
		'size of a SharedMemory': (value) => new SharedMemory({ create: true, size: value }),
		'create of a SharedMemory': (value) => new SharedMemory({ size: 8, create: value }),
		'name of a SharedMemory': (value) => new SharedMemory({ name: value }),
		'new ShareableList': (value) => new ShareableList(value),
		'new ShareableList([value])': (value) => new ShareableList([value]),
		'new ShareableList([], value)': (value) => new ShareableList([], value),
		...forms(() => list, ['get', 'count', 'index', 'indexOf']),
		'list.set(value, 1)': (value) => list.set(value, 1),
		'list.set(0, value)': (value) => list.set(0, value),
		'list[0] = value': (value) => void (list[0] = value),
		...forms(() => manager, ['SharedMemory', 'ShareableList']),
	});
	list[0] = 7;
	assert.deepEqual([...list], [7, 'abc', 1]); // -1 is the last item
	await manager.shutdown();
});

/**
 * They replace what all that follows would use, or give objects whose end is ours; a WorkerDiedError is made of facts,
 * by the library.
 */
const notTried = new Set(['setStartMethod', 'setForkserverPreload', 'currentProcess', 'parentProcess', 'getReusableExecutor', 'WorkerDiedError']);
/** Nothing to wait for, without a limit: it waits, as Python's. */
const waitsForEver = new Set(['wait', 'waitSync']);

/** Methods of the library's own, and what is never called on anything. */
const notForUsers = new Set<string | symbol>(['constructor', 'tell', Symbol.dispose, Symbol.asyncDispose]);

const isClass = (thing: unknown): thing is new (...args: unknown[]) => object =>
	typeof thing === 'function' && /^class\b/.test(Function.prototype.toString.call(thing));

for (const [name, thing] of Object.entries(nprocs)) {
	if (typeof thing !== 'function' || notTried.has(name)) continue;
	const isError = isClass(thing) && thing.prototype instanceof Error;
	const make = (args: unknown[]): unknown =>
		isClass(thing) ? Reflect.construct(thing, args) : Reflect.apply(thing as () => unknown, undefined, args);
	test(`${name} with anything`, async () => {
		const escaped: string[] = [];
		for (const [what, value] of Object.entries(moreValues)) {
			if (waitsForEver.has(name) && what === 'array') continue;
			if (isError && !isTakenByError(value)) continue;
			for (const args of [[value], [undefined, value], [value, value]]) {
				try {
					await end(await make(args));
				} catch (error) {
					const code = (error as { code?: unknown } | undefined)?.code;
					if (typeof code !== 'string' || !code.startsWith('ERR_NPROCS_')) escaped.push(`${args.length} times ${what}: ${String(error)}`);
				}
			}
		}
		assert.deepEqual(escaped, []);
	});
	if (!isClass(thing) || isError) continue;

	test(`${name}: its methods refuse an object of another kind`, async () => {
		for (const key of Reflect.ownKeys(thing.prototype)) {
			const { value, get } = Object.getOwnPropertyDescriptor(thing.prototype, key)!;
			if (notForUsers.has(key)) continue;
			for (const stranger of [{}, new Date()]) {
				const outcome = await settled(() => Reflect.apply((value ?? get) as () => unknown, stranger, []));
				assert.ok(outcome === 'an answer' || outcome instanceof Error, `${String(key)}: ${String(outcome)}`);
			}
		}
	});
}

/** What cannot be made a text throws, with JavaScript's own errors as with ours. */
function isTakenByError(value: unknown): boolean {
	try {
		return new Error(value as string, value as object) instanceof Error;
	} catch {
		return false;
	}
}

async function end(made: unknown): Promise<void> {
	const { terminate, [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = (made ?? {}) as Record<PropertyKey, unknown>;
	for (const close of [terminate, later, now]) if (typeof close === 'function') return void (await Reflect.apply(close, made, []));
}

async function settled(call: () => unknown): Promise<unknown> {
	try {
		await call();
		return 'an answer';
	} catch (error) {
		return error;
	}
}
