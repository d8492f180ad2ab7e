/** What the compiler must accept and refuse of programs that use managers. Compiled with the tests, never run. */
import { BaseManager, type Queue, type SyncManager } from 'nprocs';

declare class Counter {
	increment(by?: number): number;
	load(name: string): Promise<Uint8Array>;
	names(): Generator<string>;
	waitSync(ms: number): boolean;
	size: number;
	private hidden(): void;
}
declare function getSettings(): Map<string, number>;
declare function getJobs(): Queue<{ id: number }>;

class Managers extends BaseManager.with({ Counter, getSettings, getJobs, nowhere: undefined, Shy: { factory: Counter, exposed: ['increment'] } }) {}
async function useManager(manager: Managers, sync: SyncManager): Promise<void> {
	const counter = await manager.Counter();
	const count: number = await counter.increment(1);
	const blocked: number = counter.incrementSync();
	const bytes: Uint8Array = await counter.load('a');
	for await (const name of await counter.names()) void name.length;
	const waited: Promise<boolean> = counter.waitSync(5);
	void [count, blocked, bytes, waited];
	// @ts-expect-error an argument of the wrong type
	void counter.increment('1');
	// @ts-expect-error a property is no method
	void counter.size;
	// @ts-expect-error nor is what is private
	void counter.hidden;
	const setting: number | undefined = await (await manager.getSettings()).get('a');
	const id: number = (await (await manager.getJobs()).get()).id;
	void [setting, id, await manager.nowhere(1), (await manager.Shy()).increment(), manager.CounterSync().is(counter)];

	const dict = await sync.dict<string, number>();
	const value: number | undefined = await dict.get('a');
	void [value, dict.getSync('a'), await dict.copy()];
	// @ts-expect-error a dict of numbers takes no string
	void dict.set('a', 'text');
	// @ts-expect-error and its keys are strings
	void dict.get(1);
	declare_(await dict.compute('a', (current: number | undefined, by: number) => (current ?? 0) + by, 5));
	// @ts-expect-error the function takes a number
	void dict.compute('a', (current: number | undefined, by: number) => (current ?? 0) + by, 'five');
	for await (const [key, entry] of dict) void [key.length, entry.toFixed()];
	for await (const change of dict.changes()) if (change.type === 'set') void change.value.toFixed();
	const inferred: string | undefined = await (await sync.dict({ a: 'text' })).get('b');
	const pairs: Date | undefined = (await sync.dict([[1, new Date()]])).getSync(2);
	const item: number | undefined = await (await sync.list([1])).at(0);
	const ns = await sync.namespace({ x: 1 });
	ns.x = 2;
	const x: number = await ns.x;
	// @ts-expect-error a namespace's properties have types
	ns.x = 'text';
	void [inferred, pairs, item, x, (await sync.array(Float64Array, 3)).getSync(0)];
	using hold = await (await sync.Lock()).hold(5);
	void hold;
}
declare function declare_(value: number | undefined): void;
void useManager;
