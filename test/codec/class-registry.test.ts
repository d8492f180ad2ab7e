/** Registered classes and shared objects, anywhere in a value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError, ClosedError, registerClass, SerializationError } from 'nprocs';
import { decode } from '#nprocs/codec/decode.js';
import { encode } from '#nprocs/codec/encode.js';
import { registerKind, toHandle, type Handle } from '#nprocs/codec/handle.js';

function roundTrip<T>(value: T): T {
	return decode(encode(value).bytes) as T;
}

class Money {
	readonly #cents: bigint;
	constructor(cents: bigint) {
		this.#cents = cents;
	}
	static {
		registerClass(Money, { serialize: (money) => money.#cents, deserialize: (cents: bigint) => new Money(cents) });
	}
	get cents(): bigint {
		return this.#cents;
	}
}
class Tree {
	readonly children: unknown;
	constructor(children: unknown) {
		this.children = children;
	}
}
registerClass(Tree, { serialize: (tree) => ({ children: tree.children }), deserialize: ({ children }: { children: unknown }) => new Tree(children) });
class Shape {
	readonly name: string;
	constructor(name: string) {
		this.name = name;
	}
}
class Circle extends Shape {}
class Square extends Shape {}
registerClass(Shape, {
	serialize: ({ constructor, name }) => ({ kind: constructor.name, name }),
	deserialize: ({ kind, name }) => new (kind === 'Circle' ? Circle : Shape)(name),
});
registerClass(Square, { serialize: (square) => square.name, deserialize: (name: string) => new Square(name), name: 'shapes.Square' });
class Registry extends Map<string, number> {}
registerClass(Registry, { serialize: (registry) => [...registry], deserialize: (entries: Array<[string, number]>) => new Registry(entries) });

class Shared {
	readonly name: string;
	constructor(name: string) {
		this.name = name;
	}
	[toHandle](): Handle {
		return { kind: 'TestShared', data: { name: this.name, more: [1, { deep: true }] }, segments: [`seg-${this.name}`] };
	}
}
registerKind('TestShared', ({ name, more }: { name: string; more: unknown }) => {
	if (name === 'gone') throw new ClosedError('The shared object does not exist any more.');
	assert.deepEqual(more, [1, { deep: true }]);
	return new Shared(name);
});
const deep = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : [deep(levels - 1, leaf)]);

test('an instance arrives with its private state, anywhere in a value and as one object', () => {
	const price = new Money(2n ** 70n);
	const arrived = roundTrip({ price, map: new Map([[price, [price]]]), tree: new Tree([price, new Tree(null)]) });
	assert.ok(arrived.price instanceof Money);
	assert.equal(arrived.price.cents, 2n ** 70n);
	const [[key, [value]]] = arrived.map as unknown as [[Money, [Money]]];
	assert.ok(key === arrived.price && value === arrived.price);
	assert.equal((arrived.tree.children as [Money, Tree])[0], arrived.price);
	assert.ok((arrived.tree.children as [Money, Tree])[1] instanceof Tree);
});

test('subclasses inherit the hooks, unless they are registered themselves', () => {
	const [circle, square] = roundTrip([new Circle('c'), new Square('s')] as const);
	assert.deepEqual([circle.constructor, circle.name, square.constructor, square.name], [Circle, 'c', Square, 's']);
});

test('a registered subclass of a built-in class travels by its hooks', () => {
	const arrived = roundTrip(new Registry([['a', 1]]));
	assert.ok(arrived instanceof Registry);
	assert.equal(arrived.get('a'), 1);
});

test('a part that refers back to its instance is refused', () => {
	const parts: unknown[] = [];
	const tree = new Tree(parts);
	parts.push({ parent: tree });
	assert.throws(
		() => encode([tree]),
		(error) => error instanceof SerializationError && error.message.startsWith('value[0].serialize().children[0].parent refers back'),
	);
});

test('an instance may refer to the containers around it', () => {
	const around: unknown[] = [];
	around.push(new Tree(around));
	const arrived = roundTrip(around) as [Tree];
	assert.equal(arrived[0].children, arrived);
});

test('an instance is whole when it is made, however deep it and its parts are', () => {
	const seen: unknown[] = [];
	class Watcher {
		readonly data: unknown;
		constructor(data: unknown) {
			this.data = data;
		}
	}
	registerClass(Watcher, {
		serialize: (watcher) => watcher.data,
		deserialize: (data) => (seen.push(JSON.stringify(data).length), new Watcher(data)),
	});
	const far = deep(300, { far: 'here' });
	const watcher = new Watcher({ far, own: deep(400, 1) });
	const value = [far, deep(250, [watcher, far]), watcher, deep(450, watcher)];
	const arrived = roundTrip(value) as [unknown, unknown, Watcher, unknown];
	assert.deepEqual(seen, [JSON.stringify({ far, own: deep(400, 1) }).length]);
	assert.equal((arrived[2].data as { far: unknown }).far, arrived[0]);
	let inner = arrived[3];
	while (Array.isArray(inner)) inner = inner[0];
	assert.equal(inner, arrived[2]);
});

test('what a hook throws is the cause', () => {
	class Broken {}
	registerClass(Broken, {
		serialize: () => {
			throw new RangeError('cannot');
		},
		deserialize: () => new Broken(),
	});
	assert.throws(
		() => encode({ list: [new Broken()] }),
		(error) => error instanceof SerializationError && error.path === 'value.list[0]' && (error.cause as Error).message === 'cannot',
	);
	registerClass(Broken, {
		serialize: () => 1,
		deserialize: () => {
			throw new RangeError('cannot make');
		},
	});
	assert.throws(
		() => roundTrip(new Broken()),
		(error) => error instanceof SerializationError && /'Broken' failed: cannot make/.test(error.message) && error.cause instanceof RangeError,
	);
	registerClass(Broken, { serialize: () => ({ now: () => 1 }), deserialize: () => new Broken() });
	assert.throws(() => encode(new Broken()), /^SerializationError: value\.serialize\(\)\.now is a function/);
});

test('an instance of a class that is unknown where it arrives is an error that says what to do', () => {
	class Here {}
	registerClass(Here, { serialize: () => 1, deserialize: () => new Here(), name: 'Here-before' });
	const { bytes } = encode(new Here());
	registerClass(Here, { serialize: () => 1, deserialize: () => new Here(), name: 'Here-after' });
	assert.throws(() => decode(bytes), { name: 'SerializationError', code: 'ERR_NPROCS_UNKNOWN_CLASS', message: /'Here-before'.*registerClass/ });
});

test('registerClass refuses what cannot be registered', () => {
	const hooks = { serialize: () => 1, deserialize: () => new Money(1n) };
	assert.throws(() => registerClass({} as never, hooks), ArgumentError);
	assert.throws(() => registerClass((() => 1) as never, hooks), ArgumentError);
	assert.throws(() => registerClass(Object as never, hooks), ArgumentError);
	assert.throws(() => registerClass(class {} as never, hooks as never), /without a name/);
	assert.throws(() => registerClass(class Half {} as never, { serialize: () => 1 } as never), /with both functions/);
	const another = { Money: class Money {} }.Money;
	assert.throws(() => registerClass(another, hooks as never), /registered as 'Money' already/);
});

test('shared objects are collected for the channel and opened on arrival, once each', () => {
	const [a, b] = [new Shared('a'), new Shared('b')];
	const { bytes, handles } = encode({ a, nested: new Map([[b, new Tree([a])]]) });
	assert.deepEqual(
		handles.map(({ kind, segments }) => [kind, ...segments]),
		[
			['TestShared', 'seg-a'],
			['TestShared', 'seg-b'],
		],
	);
	assert.deepEqual(encode(1).handles, []);
	const arrived = decode(bytes) as { a: Shared; nested: Map<Shared, Tree> };
	assert.deepEqual([arrived.a instanceof Shared, arrived.a.name], [true, 'a']);
	const [[key, tree]] = arrived.nested as unknown as [[Shared, Tree]];
	assert.equal(key.name, 'b');
	assert.equal((tree.children as unknown[])[0], arrived.a);
});

test('a shared object may be deep, a Proxy, an instance of a subclass, or a plain object', () => {
	class Special extends Shared {}
	const proxy = new Proxy({}, { get: (_, key) => (key === toHandle ? (): Handle => new Shared('proxied')[toHandle]() : undefined) });
	const plain = { [toHandle]: (): Handle => new Shared('plain')[toHandle]() };
	const arrived = roundTrip([deep(300, new Shared('deep')), proxy, new Special('special'), plain]) as unknown[];
	let inner = arrived[0];
	while (Array.isArray(inner)) inner = inner[0];
	assert.deepEqual(
		[inner, ...arrived.slice(1)].map((shared) => (shared as Shared).name),
		['deep', 'proxied', 'special', 'plain'],
	);
});

test('an error of an opener is thrown as it is', () => {
	assert.throws(() => roundTrip([new Shared('gone')]), ClosedError);
	const unknown = { [toHandle]: (): Handle => ({ kind: 'NeverLoaded', data: 1, segments: [] }) };
	assert.throws(() => roundTrip(unknown), /NeverLoaded/);
});

test('a hook may decode and encode itself, whether it succeeds or throws, and the next message is as it should be', () => {
	class Wrapped {
		readonly inner: unknown;
		constructor(inner: unknown) {
			this.inner = inner;
		}
	}
	registerClass(Wrapped, {
		name: 'test.Wrapped',
		serialize: ({ inner }) => encode(inner).bytes,
		deserialize: (bytes: Uint8Array) => {
			const inner = decode(bytes);
			if (inner === 'refused') throw new RangeError('refused');
			return new Wrapped(inner);
		},
	});
	const shared = { a: 1 };
	const value = { shared, first: new Wrapped([shared, new Wrapped({ text: 'a text longer than the short ones' })]), again: shared };
	for (let i = 0; i < 3; i++) {
		const got = roundTrip(value);
		assert.deepEqual(got, value);
		assert.equal(got.shared, got.again);
		assert.throws(() => roundTrip([shared, new Wrapped('refused'), shared]), /refused/);
		const [x, y] = roundTrip([shared, shared]);
		assert.equal(x, y);
	}
});

test('classes and hooks that throw when they are looked at are refused, and what was registered before stays', () => {
	const trap = (): never => {
		throw new Error('a trap');
	};
	const invalid = { code: 'ERR_NPROCS_INVALID_ARG' };
	class Kept {
		x = 1;
	}
	const hooks = { name: 'test.Kept', serialize: ({ x }: Kept) => x, deserialize: (x: number) => Object.assign(new Kept(), { x }) };
	registerClass(Kept, hooks);
	const throwing = Object.defineProperty({ ...hooks }, 'serialize', { get: trap, enumerable: true });
	assert.throws(() => registerClass(Kept, throwing), invalid);
	assert.throws(() => registerClass(Kept, { name: 'test.Kept' } as never), invalid);
	assert.deepEqual(decode(encode(new Kept()).bytes), new Kept());

	const { proxy, revoke } = Proxy.revocable(class Revoked {}, {});
	revoke();
	const SymbolName = class {
		static readonly name = Symbol('name') as never;
	};
	const ThrowingName = Object.defineProperty(class {}, 'name', { get: trap });
	for (const Class of [proxy, new Proxy(class {}, { get: trap }), SymbolName, ThrowingName, () => {}]) {
		assert.throws(() => registerClass(Class as never, { serialize: trap, deserialize: trap }), invalid);
	}
	registerClass(ThrowingName as never, { name: 'test.ThrowingName', serialize: trap, deserialize: trap });
});
