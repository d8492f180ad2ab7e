/** Errors keep what they are; what is unknown on the other side keeps its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as nprocs from 'nprocs';
import { decode } from '#nprocs/codec/decode.js';
import { encode, encodeThrown } from '#nprocs/codec/encode.js';
import { addLocalStack } from '#nprocs/codec/remote-error.js';

function roundTrip<T>(value: T): T {
	return decode(encode(value).bytes) as T;
}
function thrownTrip(value: unknown): unknown {
	return decode(encodeThrown(value).bytes);
}

class HttpError extends Error {
	readonly status = 404;
	override name = 'HttpError';
}
class Unnamed extends Error {}
class Overflow extends RangeError {}
class SlowQueue extends nprocs.TimeoutError {}
class Registered extends Error {
	readonly detail: string;
	constructor(detail: { text: string }) {
		super(detail.text.toUpperCase());
		this.detail = detail.text;
	}
}
nprocs.registerClass(Registered);

for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
	test(`${Class.name} keeps class, message, stack and cause`, () => {
		const error = new Class('what happened', { cause: new Class('why') });
		const arrived = roundTrip(error);
		assert.equal(Object.getPrototypeOf(arrived), Class.prototype);
		assert.deepEqual([arrived.name, arrived.message, arrived.stack], [Class.name, error.message, error.stack]);
		assert.deepEqual(Object.keys(arrived), []);
		assert.equal((arrived.cause as Error).stack, (error.cause as Error).stack);
		assert.equal(Object.prototype.toString.call(arrived), '[object Error]');
	});
}

test('every error class of the library keeps its class, code and properties', () => {
	const special = {
		BufferTooShort: new nprocs.BufferTooShort('m', Uint8Array.of(1, 2)),
		SerializationError: new nprocs.SerializationError('m', 'args[0]'),
		WorkerDiedError: new nprocs.WorkerDiedError('m', { pid: 7, exitCode: -9, task: 'square' }),
	};
	let classes = 0;
	for (const [name, Class] of Object.entries(nprocs)) {
		if (!(typeof Class === 'function' && Class.prototype instanceof Error)) continue;
		classes++;
		const error = special[name as keyof typeof special] ?? new (Class as typeof nprocs.NprocsError)('m', { cause: 1 });
		const arrived = roundTrip(error);
		assert.equal(Object.getPrototypeOf(arrived), Class.prototype, name);
		assert.deepEqual({ ...arrived }, { ...error });
		assert.deepEqual([arrived.name, arrived.message, arrived.stack, arrived.cause], [error.name, error.message, error.stack, error.cause]);
	}
	assert.ok(classes >= 16, `${classes} classes`);
});

test('AggregateError keeps its errors, and an error that is met twice stays one', () => {
	const shared = new TypeError('shared');
	const arrived = roundTrip(new AggregateError([shared, new Error('other', { cause: shared })], 'several'));
	assert.ok(arrived instanceof AggregateError);
	assert.deepEqual(
		arrived.errors.map((error: Error) => error.message),
		['shared', 'other'],
	);
	assert.equal(arrived.errors[1].cause, arrived.errors[0]);
	assert.deepEqual(Object.keys(arrived), []);
});

test('own properties cross: the code of a system error, values of any kind', () => {
	const error = Object.assign(new Error('no such file'), { code: 'ENOENT', errno: -2, path: '/x', details: new Map([[1, new Date(5)]]) });
	const arrived = roundTrip(error);
	assert.deepEqual({ ...arrived }, { ...error });
});

test('errors of Node itself keep class and code', () => {
	assert.throws(
		() => Buffer.alloc('many' as never),
		(error: NodeJS.ErrnoException) => {
			const arrived = roundTrip(error);
			assert.ok(arrived instanceof TypeError);
			assert.deepEqual([arrived.code, arrived.message, arrived.stack], ['ERR_INVALID_ARG_TYPE', error.message, error.stack]);
			return true;
		},
	);
});

test('a DOMException stays one, so that an aborted wait is recognized', () => {
	const reason = AbortSignal.abort().reason as DOMException;
	const arrived = roundTrip(reason);
	assert.ok(arrived instanceof DOMException);
	assert.deepEqual([arrived.name, arrived.message, arrived.code, arrived.stack], ['AbortError', reason.message, reason.code, reason.stack]);
});

test('a DOMException keeps its cause and its own properties', () => {
	const cause: { again?: unknown } = { again: undefined };
	const exception = Object.assign(new DOMException('stopped', { name: 'AbortError', cause } as never), { task: { id: 7 } });
	cause.again = exception;
	const arrived = roundTrip(exception) as typeof exception & { cause: typeof cause };
	assert.ok(arrived instanceof DOMException);
	assert.deepEqual([arrived.name, arrived.message, arrived.code, arrived.task], ['AbortError', 'stopped', 20, { id: 7 }]);
	assert.equal(arrived.cause.again, arrived);
	assert.equal(Object.prototype.propertyIsEnumerable.call(arrived, 'cause'), Object.prototype.propertyIsEnumerable.call(exception, 'cause'));
	assert.deepEqual(Object.keys(arrived), Object.keys(exception));
	assert.equal(roundTrip({ [Symbol.toStringTag]: 'a tag of my own' }) instanceof Object, true);
});

test('an error of an unknown class becomes a RemoteError that keeps name, message, stack and properties', () => {
	const error = new HttpError('not found', { cause: 'typo' });
	const arrived = roundTrip(error) as HttpError;
	assert.ok(arrived instanceof nprocs.RemoteError);
	assert.deepEqual(
		[arrived.name, arrived.message, arrived.stack, arrived.status, arrived.cause],
		['HttpError', 'not found', error.stack, 404, 'typo'],
	);
	assert.equal((arrived as unknown as nprocs.RemoteError).code, 'ERR_NPROCS_REMOTE');
	assert.equal(roundTrip(new Unnamed('x')).name, 'Unnamed');
	assert.equal((roundTrip(Object.assign(new Unnamed('x'), { code: 'E_OWN' })) as Unnamed & { code: string }).code, 'E_OWN');
});

test('an unknown class keeps its nearest known ancestor', () => {
	const range = roundTrip(new Overflow('too much'));
	assert.deepEqual([Object.getPrototypeOf(range) === RangeError.prototype, range.name], [true, 'Overflow']);
	const timeout = roundTrip(new SlowQueue('slow'));
	assert.deepEqual(
		[Object.getPrototypeOf(timeout) === nprocs.TimeoutError.prototype, timeout.name, timeout.code],
		[true, 'SlowQueue', 'ERR_NPROCS_TIMEOUT'],
	);
});

test('a registered error class needs no hooks, and its constructor is not run', () => {
	const error = new Registered({ text: 'quiet' });
	const arrived = roundTrip(error);
	assert.ok(arrived instanceof Registered);
	assert.deepEqual([arrived.message, arrived.detail, arrived.stack, arrived.name], ['QUIET', 'quiet', error.stack, 'Error']);
});

test('a registered error class may have the name of one of ours', () => {
	const mine = { TimeoutError: class TimeoutError extends Error {} }.TimeoutError;
	nprocs.registerClass(mine);
	assert.equal(Object.getPrototypeOf(roundTrip(new mine('mine'))), mine.prototype);
	assert.equal(Object.getPrototypeOf(roundTrip(new nprocs.TimeoutError('ours'))), nprocs.TimeoutError.prototype);
});

test('what changed on an error is what arrives: a name of its own, no message, an enumerable message', () => {
	const renamed = Object.assign(new Error('x'), { name: 'Renamed' });
	assert.deepEqual(Object.getOwnPropertyDescriptors({ ...roundTrip(renamed) }), Object.getOwnPropertyDescriptors({ ...renamed }));
	assert.equal(Object.hasOwn(roundTrip(new Error()), 'message'), false);
	assert.deepEqual(Object.keys(roundTrip(Object.assign(new Error(), { message: 'late' }))), ['message']);
	assert.equal(Object.hasOwn(roundTrip(new Error('x', { cause: undefined })), 'cause'), true);
});

test('a stack that is no text is left out', () => {
	const error = Object.assign(new Error('x'), { stack: [() => 1] });
	assert.equal(roundTrip(error).stack, 'Error: x');
});

test('a reported error loses only what cannot cross', () => {
	const cause = Object.assign(new TypeError('inner'), { socket: () => 1, code: 'ECONNRESET' });
	const error = Object.assign(new AggregateError([cause, new Error('second')], 'outer', { cause }), { request: Symbol('r'), id: 7 });
	const arrived = thrownTrip(error) as typeof error;
	assert.ok(arrived instanceof AggregateError);
	assert.deepEqual({ ...arrived }, { id: 7 });
	const inner = arrived.cause as typeof cause;
	assert.deepEqual([inner instanceof TypeError, inner.stack, inner.code, 'socket' in inner], [true, cause.stack, 'ECONNRESET', false]);
	assert.deepEqual(
		arrived.errors.map((item: Error) => item.message),
		['inner', 'second'],
	);
	assert.equal(arrived.errors[0], inner);
});

test('whatever was thrown is reported', () => {
	assert.equal(thrownTrip('just a text'), 'just a text');
	assert.match((thrownTrip(() => 1) as Error).message, /Something other than an Error was thrown: \[Function/);
	assert.match((thrownTrip({ f: () => 1 }) as Error).message, /thrown: \{ f: \[Function/);
	const hostile = new Proxy(
		{},
		{
			get() {
				throw new Error('no');
			},
			getPrototypeOf() {
				throw new Error('no');
			},
		},
	);
	assert.ok(thrownTrip(hostile) instanceof nprocs.RemoteError);
	let chain = new Error('innermost');
	for (let i = 0; i < 50_000; i++) chain = new Error('outer', { cause: chain });
	assert.equal((thrownTrip(chain) as Error).message, 'outer');
});

test('an error that is thrown again shows the stacks of both sides', () => {
	const arrived = roundTrip(new TypeError('far away'));
	const remote = arrived.stack as string;
	(function callerHere() {
		addLocalStack(arrived, 'process Worker-1 (pid 12)');
	})();
	const stack = arrived.stack as string;
	assert.ok(stack.startsWith(remote));
	assert.match(stack.slice(remote.length), /^\n +--- above: in process Worker-1 \(pid 12\); below: here ---\n(.*\n)*.*callerHere/);
	assert.deepEqual(Object.keys(arrived), []);
	addLocalStack('no error', 'x');
});
