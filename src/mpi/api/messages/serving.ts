/**
 * Calls that block, while receives of objects are waiting for their messages (object-receive.ts).
 *
 * A receive that was posted is served by the engine whatever the process does in MPI: its sender comes back, even if
 * the message is too large to be buffered. So must a receive of an object be, or a program would wait for ever in a
 * barrier whose other party is still sending. While there are such receives, this engine stands in front of the real
 * one: what blocks is started instead, and those receives are served until it is complete. Without them nothing is in
 * the way of anything.
 *
 * Collective operations of a real MPI are served once, before they begin: MPI does not match a blocking one with one
 * that was started, which other ranks (of other languages, too) call.
 */
import type { Collectives } from '../../engine/collectives.ts';
import type { Awaited } from '../../engine/requests.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import type { Engine } from '../../engine.ts';
import { BYTE_HANDLE } from '../../engine/shared-numbers.ts';
import { engine, substitute, whenLeft } from '../environment/lifecycle.ts';
import { statusBytes } from '../requests/status.ts';

/** From now on, calls that block serve. */
export function beginServing(serve: () => void): void {
	real = engine();
	substitute(servingEngine(real, serve));
}

export function endServing(): void {
	if (real !== undefined) substitute(real);
	real = undefined;
}

/** The engine itself, for those who are in the middle of serving. */
export function directEngine(): Engine {
	return real ?? engine();
}

/** The one behind; undefined while nobody is served. */
let real: Engine | undefined;
whenLeft(() => (real = undefined));

function servingEngine(behind: Engine, serve: () => void): Engine {
	const complete = (request: number): number => {
		if (request < 0) return -request;
		let code = 0;
		behind.block(
			() => {
				serve();
				code = behind.test(request);
				return code !== 0 || behind.out[0] === 1;
			},
			() => [request],
		);
		return code;
	};
	/** Until one of the probes has failed, or found something. */
	const probe = (look: () => number, awaited: Awaited): number => {
		let code = 0;
		behind.block(
			() => {
				serve();
				code = look();
				return code !== 0 || behind.out[0] === 1;
			},
			() => [awaited],
		);
		return code;
	};
	const overrides: Partial<Engine> = {
		send: (...args) => complete(behind.isend(...args)),
		recv: (...args) => complete(behind.irecv(...args)),
		mrecv: (...args) => complete(behind.imrecv(...args)),
		wait: complete,
		waitAny: (requests) => {
			let code = 0;
			let place = 0;
			behind.block(
				() => {
					serve();
					for (place = 0; place < requests.length; place++) {
						code = behind.test(requests[place]!);
						if (code !== 0 || behind.out[0] === 1) return true;
					}
					return false;
				},
				() => requests,
			);
			behind.out[0] = place;
			return code;
		},
		sendrecv: (send, sendCount, sendType, dest, sendTag, receive, receiveCount, receiveType, source, receiveTag, comm) => {
			const receiving = behind.irecv(receive, receiveCount, receiveType, source, receiveTag, comm);
			const sent = complete(behind.isend(send, sendCount, sendType, dest, sendTag, comm, 0));
			const received = complete(receiving);
			return received !== 0 ? received : sent;
		},
		sendrecvReplace: (buffer, count, type, dest, sendTag, source, receiveTag, comm) => {
			const receiving = (copy: EngineBuffer): number =>
				overrides.sendrecv!(copy, count, type, dest, sendTag, buffer, count, type, source, receiveTag, comm);
			return receiving(buffer === null || typeof buffer === 'number' ? buffer : buffer.slice());
		},
		probe: (source, tag, comm) => probe(() => behind.iprobe(source, tag, comm), { comm, source, tag }),
		mprobe: (source, tag, comm) => {
			const code = probe(() => behind.improbe(source, tag, comm), { comm, source, tag });
			behind.out[0] = behind.out[1]!;
			return code;
		},
		mprobeRecv: (buffer, count, source, tag, comm) => {
			const code = overrides.mprobe!(source, tag, comm);
			if (code !== 0 || statusBytes(behind.status) > count) return code;
			const received = overrides.mrecv!(buffer, count, BYTE_HANDLE, behind.out[0]!);
			behind.out[0] = 0;
			return received;
		},
		block: (advance, awaited) => behind.block(() => (serve(), advance()), awaited),
		poll: (advance, options) => behind.poll(() => (serve(), advance()), options),
		whenComplete: (request, callback, trace) => {
			let isComplete = false;
			const whenComplete = (): void => {
				isComplete = true;
				callback();
			};
			behind.whenComplete(request, whenComplete, trace);
			behind.poll(() => (serve(), isComplete || real === undefined), { awaited: () => [request] });
		},
		blocking: behind.name === 'embedded' ? blockingFrom(behind.nonblocking, complete) : servedFirst(behind.blocking, serve),
	};
	return new Proxy(behind, {
		get: (target, name) => {
			const own = Reflect.get(overrides, name) as unknown;
			if (own !== undefined) return own;
			const value = Reflect.get(target, name) as unknown;
			return typeof value === 'function' ? (...args: unknown[]) => Reflect.apply(value, target, args) as unknown : value;
		},
	});
}

function blockingFrom(nonblocking: Collectives, complete: (request: number) => number): Collectives {
	return new Proxy(nonblocking, {
		get: (target, name) => {
			const start = Reflect.get(target, name) as unknown;
			return typeof start === 'function' ? (...args: unknown[]) => complete(Reflect.apply(start, target, args) as number) : start;
		},
	});
}

function servedFirst(blocking: Collectives, serve: () => void): Collectives {
	return new Proxy(blocking, {
		get: (target, name) => {
			serve();
			const call = Reflect.get(target, name) as unknown;
			return typeof call === 'function' ? (...args: unknown[]) => Reflect.apply(call, target, args) as unknown : call;
		},
	});
}
