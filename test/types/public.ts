/** What the compiler must accept and refuse of programs that use the library. Compiled with the tests, never run. */
import {
	JoinableQueue,
	Process,
	Queue,
	SharedArray,
	Value,
	getContext,
	inline,
	type Connection,
	type NamedTarget,
	type QueueReceiver,
	type QueueSender,
	type Wait,
	asCompleted,
	Pool,
	ProcessPoolExecutor,
	type AsyncResult,
} from 'nprocs';

declare function work(id: number, name: string): Promise<void>;

void new Process({ target: work, args: [1, 'one'] });
// @ts-expect-error an argument of the wrong type
void new Process({ target: work, args: ['one', 1] });
// @ts-expect-error an option that does not exist
void new Process({ target: work, arguments: [1, 'one'] });
// @ts-expect-error the arguments that the target needs are missing
void new Process({ target: work });
// @ts-expect-error one of them is
void new Process({ target: work, args: [1] });
const readonlyArgs = [1, 'one'] as const;
void new Process({ target: work, args: readonlyArgs });
declare function needsNothing(): void;
declare function mayTake(n?: number): void;
declare function takesAny(...numbers: number[]): void;
void new Process({ target: needsNothing });
void new Process({ target: mayTake });
void new Process({ target: takesAny, args: [1, 2] });
void new (getContext('spawn').Process)({ target: work, args: [1, 'one'] });
// @ts-expect-error nor in a context
void new (getContext('spawn').Process)({ target: work });

const named: NamedTarget = { module: new URL('tasks.js', import.meta.url), name: 'work' };
void new Process({ target: named, args: [1, 'one'] });
void new Process({ target: { module: '/tasks.js', name: 'work' } });
// @ts-expect-error a target that has no name
void new Process({ target: { module: '/tasks.js' } });

class Worker extends Process {
	readonly queue: Queue<number>;
	constructor(queue: Queue<number>) {
		super({ name: 'worker' });
		this.queue = queue;
	}
	override async run(): Promise<void> {
		await this.queue.put(1);
	}
}
const started: Worker = new Worker(new Queue<number>()).start();
const exitCode: number | null = started.exitCode;
void exitCode;

const double: (n: number) => number = inline((n: number) => 2 * n);
void double;

declare const queue: Queue<number>;
void queue.put(1);
// @ts-expect-error a queue of numbers takes no string
void queue.put('one');
// @ts-expect-error and gives none
const text: Promise<string> = queue.get();
void text;

const sender: QueueSender<number> = queue.sender();
const receiver: QueueReceiver<number> = queue.receiver();
void sender.putMany([1, 2]);
// @ts-expect-error a sender of numbers takes no string
void sender.put('one');
// @ts-expect-error and gives nothing
void sender.get();
const taken: Promise<number[]> = receiver.getMany(2);
// @ts-expect-error who takes does not put
void receiver.put(1);
// @ts-expect-error only a JoinableQueue's sides join
const joins: Promise<boolean> = sender.join();
const done: boolean = new JoinableQueue<number>().sender().joinSync();
new JoinableQueue<number>().receiver().taskDone();
queue.end();
declare function consume(numbers: QueueReceiver<number>): Promise<void>;
void new Process({ target: consume, args: [queue.receiver()] });
// @ts-expect-error the other side
void new Process({ target: consume, args: [queue.sender()] });
void [taken, joins, done];

const waits: Wait[] = [0, 5.5, new AbortController().signal, { timeout: 5 }, { signal: AbortSignal.timeout(5), timeout: 7 }];
for (const wait of waits) void queue.get(wait);
// @ts-expect-error a timeout is a number of milliseconds
void queue.get('1s');

declare const connection: Connection<{ id: number }>;
void connection.send({ id: 1 });
// @ts-expect-error not what the connection carries
void connection.send({ name: 'one' });

const array: Float64Array = new SharedArray(Float64Array, 3).array;
const value: number = new Value('float64', 0.5).value;
const big: bigint = new Value('bigint64', 1n).value;
void [array, value, big];

declare const pool: Pool;
declare function half(x: number, digits?: number): Promise<string>;
declare function same<T>(x: T): T;
declare function numbers(n: number): Generator<number>;
const halved: AsyncResult<string> = pool.apply(half, [1]);
const halves: AsyncResult<string[]> = pool.map(half, [1, 2]);
const sameText: AsyncResult<string> = pool.apply(same, ['x']);
const sames: AsyncIterableIterator<boolean> = pool.imap(same, [true]);
const lists: AsyncResult<string[]> = pool.starmap(half, [
	[1, 2],
	[3, 4],
]);
const yielded: AsyncIterableIterator<number> = pool.stream(numbers, [3]);
const outcomes: AsyncResult<PromiseSettledResult<string>[]> = pool.mapSettled(half, new Set([1]));
const submitted: AsyncResult<string> = new ProcessPoolExecutor({ maxWorkers: 2 }).submit(half, 1);
void [halved, halves, sameText, sames, lists, yielded, outcomes, submitted];
// @ts-expect-error an argument of the wrong type
void pool.apply(half, ['one']);
// @ts-expect-error an argument is missing
void pool.apply(half);
// @ts-expect-error items of the wrong type
void pool.map(half, ['one']);
// @ts-expect-error an option that does not exist
void pool.apply(half, [1], { tiemout: 5 });
// @ts-expect-error not what the function gives
const wrong: AsyncResult<number> = pool.apply(half, [1]);
void wrong;
for await (const result of asCompleted([halved])) if (result.successful()) result.getSync().toUpperCase();
