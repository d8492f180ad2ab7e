/** What the compiler must accept and refuse of programs that use the library. Compiled with the tests, never run. */
import { getContext, inline, type NamedTarget, Process, Queue, SharedArray, Value, type Connection, type Wait } from 'nprocs';

declare function work(id: number, name: string): Promise<void>;

void new Process({ target: work, args: [1, 'one'] });
// @ts-expect-error an argument of the wrong type
void new Process({ target: work, args: ['one', 1] });
// @ts-expect-error an option that does not exist
void new Process({ target: work, arguments: [1, 'one'] });
void new (getContext('spawn').Process)({ target: work, args: [1, 'one'] });

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
