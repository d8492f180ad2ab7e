/**
 * Which methods the objects of a SyncManager have, by the class of their proxies. One table for both sides: the server
 * exposes these and no others, the proxies have them and their `Sync` twins.
 */

export interface MethodSpec {
	/** Which argument says how long to wait. The server gets it in milliseconds; undefined: for ever; 0: not at all. */
	readonly wait?: number;
	/** Which argument is a function that the server calls. */
	readonly fn?: number;
	/** Whether that may be left out. */
	readonly mayLackFn?: boolean;
	/** Whether it gives the whole content, which the proxy shows from then on. */
	readonly shows?: boolean;
	/** What takes back the effect of a call whose answer came after its caller had given up. */
	readonly undo?: string;
}

const plain: MethodSpec = {};
const waits: MethodSpec = { wait: 0 };
const shows: MethodSpec = { shows: true };

function methods(names: string, special: Record<string, MethodSpec> = {}): ReadonlyMap<string, MethodSpec> {
	return new Map([...names.split(' ').map((name): [string, MethodSpec] => [name, plain]), ...Object.entries(special)]);
}

const queueMethods = 'putNowait getNowait qsize empty full putBack putBackMany finish sender receiver';
const queueWaits = {
	put: { wait: 1 },
	putMany: { wait: 1 },
	get: { wait: 0, undo: 'putBack' },
	getMany: { wait: 1, undo: 'putBackMany' },
};
const acquires = { acquire: { wait: 0, undo: 'release' } };

export const kinds: ReadonlyMap<string, ReadonlyMap<string, MethodSpec>> = new Map([
	[
		'DictProxy',
		methods('get set has delete clear size keys values entries setDefault pop update increment compareAndSet iterate changes', {
			copy: shows,
			compute: { fn: 1 },
			waitFor: { fn: 1, wait: 3 },
		}),
	],
	[
		'ListProxy',
		methods('push pop shift unshift splice slice at indexOf includes reverse length set iterate', {
			copy: shows,
			compute: { fn: 1 },
			sort: { fn: 0, mayLackFn: true },
		}),
	],
	['SetProxy', methods('add has delete clear size keys values entries iterate', { copy: shows })],
	['ValueProxy', methods('set increment compareAndSet', { get: shows, compute: { fn: 0 } })],
	['ArrayProxy', methods('get set length slice fill iterate', { copy: shows })],
	['NamespaceProxy', methods('get set has delete keys', { copy: shows })],
	['IteratorProxy', methods('take return')],
	['GeneratorProxy', methods('next return throw')],
	['QueueProxy', methods(queueMethods, queueWaits)],
	['JoinableQueueProxy', methods(`${queueMethods} taskDone`, { ...queueWaits, join: waits })],
	['QueueSenderProxy', methods('putNowait full finish', { put: queueWaits.put, putMany: queueWaits.putMany })],
	['QueueReceiverProxy', methods('getNowait qsize empty putBack putBackMany', { get: queueWaits.get, getMany: queueWaits.getMany })],
	['LockProxy', methods('release locked owner abandoned', acquires)],
	['RLockProxy', methods('release locked owner abandoned', acquires)],
	['SemaphoreProxy', methods('release getValue', acquires)],
	['ConditionProxy', methods('release notify notifyAll locked owner abandoned', { ...acquires, wait: waits })],
	['EventProxy', methods('set clear isSet', { wait: waits })],
	['BarrierProxy', methods('reset abort parties nWaiting broken', { wait: waits })],
	['PoolProxy', methods('close terminate join', { apply: { fn: 0 }, map: { fn: 0 }, starmap: { fn: 0 } })],
]);
