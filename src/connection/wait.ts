/**
 * `wait()`: which of several things are ready. As Python's `multiprocessing.connection.wait`: all that are, in the
 * order given.
 *
 * Every object gives a WaitSource (wait/waitable.ts). Node's own sockets have none, so one is made for them here.
 */
import type { Socket } from 'node:net';
import { anIterable, describe, isOf, type Kind } from '../base/arguments.ts';
import { clearInterval, setInterval } from '../base/clock.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError } from '../base/errors.ts';
import { firstOf } from '../wait/until.ts';
import { addon } from '../native/addon.ts';
import { isReadable } from '../native/descriptor.ts';
import { isTurnDue, turn } from '../wait/turn.ts';
import { sliceMs, waitForAnySync } from '../wait/waiter.ts';
import { isWaitable, waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';

/** What `wait` takes: connections, listeners, queues, a Process's `sentinel`, and sockets of `node:net`. */
export type WaitTarget = Waitable | Socket;

/**
 * Waits until one of the objects is ready: a connection that has a message or has ended, a listener with a client, a
 * queue with an item, the sentinel of a process that has ended, a socket with data or at its end. Resolves to all that
 * are ready, in the order given; to none when the time is up.
 */
export async function wait<W extends WaitTarget>(objects: Iterable<W>, timeout?: Wait): Promise<W[]> {
	const deadline = Deadline.from(timeout);
	const list = listOf(objects);
	const sources = list.map((object) => sourceOf(object, socketSource));
	const findReady = (): W[] => list.filter((_, i) => sources[i]!.isReady());
	const first = findReady();
	if (isTurnDue()) await turn();
	if (first.length > 0) return first;
	if (deadline.isImmediate) return list.some(isSocket) ? lookNextTurn(sources, findReady) : [];
	return subscribed(sources, findReady, deadline);
}

/** As `wait`, but blocks this thread; a Node socket is then looked at in the kernel. */
export function waitSync<W extends WaitTarget>(objects: Iterable<W>, timeout?: Wait): W[] {
	const deadline = Deadline.from(timeout);
	const list = listOf(objects);
	const sources = list.map((object) => sourceOf(object, kernelSource));
	const attempt = (): W[] | undefined => {
		const ready = list.filter((_, i) => sources[i]!.isReady());
		return ready.length > 0 ? ready : undefined;
	};
	const first = attempt();
	if (first !== undefined || deadline.isImmediate) return first ?? [];
	const sets = sources.map(({ set }) => set).filter((set) => set !== undefined);
	const found = sets.length === sources.length ? waitForAnySync(sets, attempt, deadline) : pollSources(sources, attempt, deadline);
	return found ?? [];
}

/** What a Node socket has received it knows only after the event loop has turned. */
async function lookNextTurn<W>(sources: readonly WaitSource[], findReady: () => W[]): Promise<W[]> {
	const ends = sources.map((source) => source.subscribe(() => {}));
	await turn();
	await turn();
	for (const end of ends) end();
	return findReady();
}

async function subscribed<W>(sources: readonly WaitSource[], findReady: () => W[], deadline: Deadline): Promise<W[]> {
	const found = await firstOf<W[]>(deadline, (settle) => {
		const look = (): void => {
			try {
				const ready = findReady();
				if (ready.length > 0) settle(() => ready);
			} catch (error) {
				settle(() => {
					throw error;
				});
			}
		};
		// Also what keeps the event loop alive while this waits.
		const slices = setInterval(look, sliceMs);
		const ends = [(): void => clearInterval(slices)];
		const endAll = (): void => {
			for (const end of ends) end();
		};
		try {
			for (const source of sources) ends.push(source.subscribe(look));
		} catch (error) {
			endAll();
			throw error;
		}
		look();
		return endAll;
	});
	return found ?? findReady();
}

const MIN_POLL_MS = 1;
const MAX_POLL_MS = 10;

/** For a mixture: sleeps on the descriptors, and looks at the others more and more rarely. */
function pollSources<R>(sources: readonly WaitSource[], attempt: () => R | undefined, deadline: Deadline): R | undefined {
	const fds = Int32Array.from(sources.map(({ fd }) => fd).filter((fd) => fd !== undefined));
	const longestMs = fds.length === sources.length ? sliceMs : MAX_POLL_MS;
	const wanted = new Int32Array(fds.length).fill(1);
	const ready = new Int32Array(fds.length);
	for (let pauseMs = MIN_POLL_MS; ; pauseMs = Math.min(longestMs, pauseMs * 2)) {
		const found = attempt();
		const remainingMs = found === undefined ? deadline.remaining() : 0;
		if (remainingMs === 0) return found;
		addon().waitForFds(fds, wanted, ready, Math.min(pauseMs, remainingMs));
	}
}

function listOf<W>(objects: Iterable<W>): W[] {
	if (isOf(anIterable, objects)) return [...objects];
	throw new ArgumentError(`Expected wait() to be given an array of what to wait for, got ${describe(objects)}. Write wait([…]).`);
}

function sourceOf(object: WaitTarget, ofSocket: (socket: Socket) => WaitSource): WaitSource {
	if (isWaitable(object)) return object[waitSource]();
	if (isSocket(object)) return ofSocket(object);
	throw new ArgumentError(
		`Expected connections, listeners, queues, sentinels and sockets to wait for, got ${describe(object)}.${sentinelHint(object)}`,
	);
}

/** For a process, as Python's `wait` would refuse it too. */
function sentinelHint(object: unknown): string {
	return isOf(aProcess, object) ? ' To wait for the end of a process, give its `sentinel`: wait([process.sentinel]).' : '';
}

function isSocket(object: unknown): object is Socket {
	// Loaded only for what is nothing of ours: most programs need no node:net.
	return !isWaitable(object) && isOf(aSocket, object);
}

const aProcess: Kind = { what: 'a process', has: (object) => typeof object === 'object' && object !== null && 'sentinel' in object };
const aSocket: Kind = { what: 'a socket', has: (object) => object instanceof process.getBuiltinModule('node:net').Socket };

function hasData(socket: Socket): boolean {
	return socket.readableLength > 0 || socket.destroyed || socket.readableEnded;
}

function socketSource(socket: Socket): WaitSource {
	return {
		isReady: () => hasData(socket),
		subscribe(onChange) {
			const events = ['readable', 'end', 'close', 'error'] as const;
			for (const event of events) socket.on(event, onChange);
			return () => {
				for (const event of events) socket.off(event, onChange);
			};
		},
	};
}

/** For a thread that blocks: what Node has not read yet is with the kernel. */
function kernelSource(socket: Socket): WaitSource {
	const fd = fdOf(socket);
	return {
		isReady: () => hasData(socket) || (fd !== undefined && isReadable(fd)),
		...(fd === undefined ? {} : { fd }),
		subscribe: () => () => {},
	};
}

/** Node has no public name for it; without one the socket is only looked at in the event loop. */
function fdOf(socket: Socket): number | undefined {
	const fd = (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd;
	return fd !== undefined && fd >= 0 ? fd : undefined;
}
