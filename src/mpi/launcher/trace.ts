/**
 * `--trace`, in a rank: writes down when each call of MPI began and ended, with what it was given. All methods of MPI's
 * classes are wrapped, before the program runs, and functions of the module say themselves that they are called
 * (api/environment/observed.ts); what they call in turn is part of them. A request that is awaited is a line of its
 * own, from its first `then` to its completion.
 *
 * The beginning of a call is written before the call, together with the end of the one before: so the timeline of a
 * rank that is killed, or waits for ever, shows in which call. Times are those of a clock that all processes of the
 * machine share.
 */
import { openSync, writeSync } from 'node:fs';
import { types } from 'node:util';
import { atExit, exitStep } from '../../base/at-exit.ts';
import { nowMs } from '../../base/clock.ts';
import { observeCalls } from '../api/environment/observed.ts';

type Method = (this: object, ...args: unknown[]) => unknown;

/** `classes`: those whose methods are to be written down, with all that they inherit from. */
export function traceCalls(file: string, rank: number, classes: readonly unknown[]): void {
	const writer = new TraceWriter(openSync(file, 'a'), rank);
	const done = new Set<object>([Object.prototype, Function.prototype]);
	for (const given of classes) {
		if (typeof given !== 'function') continue;
		if (isClass(given)) wrapMethods(given, writer);
		for (
			let at = given.prototype as object | null | undefined;
			at !== null && at !== undefined && !done.has(at);
			at = Object.getPrototypeOf(at) as object | null
		) {
			done.add(at);
			wrapMethods(at, writer);
		}
	}
	observeCalls((name, call) => {
		if (!writer.enter(name, () => ({}))) return call();
		try {
			return call();
		} finally {
			writer.leave();
			writer.flush(); // it may be the last
		}
	});
	atExit(exitStep.report, () => writer.flush());
}

function isClass(value: object): boolean {
	return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
}

function wrapMethods(prototype: object, writer: TraceWriter): void {
	for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
		if (!isCall(name) || typeof property.value !== 'function' || property.writable !== true) continue;
		const method = property.value as Method;
		const wrapped = name === 'then' ? wrapThen(method, writer) : wrapCall(name, method, writer);
		Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
		Object.defineProperty(prototype, name, { ...property, value: wrapped });
	}
}

/** What mpi4py has; other methods are the library's own. */
function isCall(name: string): boolean {
	return /^[A-Z]/.test(name) || lowerCase.has(name);
}

const lowerCase: ReadonlySet<string> = new Set([
	...['send', 'bsend', 'ssend', 'recv', 'sendrecv', 'isend', 'ibsend', 'issend', 'irecv', 'probe', 'iprobe', 'mprobe', 'improbe'],
	...['barrier', 'bcast', 'gather', 'scatter', 'allgather', 'alltoall', 'reduce', 'allreduce', 'scan', 'exscan'],
	...['neighbor_allgather', 'neighbor_alltoall', 'wait', 'test', 'waitall', 'testall', 'waitany', 'testany', 'waitsome', 'testsome', 'then'],
]);

function wrapCall(name: string, method: Method, writer: TraceWriter): Method {
	const parameters = parametersOf(method);
	return function (this: object, ...args: unknown[]) {
		if (!writer.enter(name, () => describe(parameters, args))) return method.apply(this, args);
		try {
			return method.apply(this, args);
		} finally {
			writer.leave();
		}
	};
}

function wrapThen(method: Method, writer: TraceWriter): Method {
	return function (this: object, ...[onDone, onError]: unknown[]) {
		const end = writer.beginAwait(this);
		const first = typeof onDone === 'function' ? after(end, onDone as Method) : onDone;
		const second = typeof onError === 'function' ? after(end, onError as Method) : onError;
		return method.call(this, first, second);
	};
}

function after(first: () => void, then: Method): Method {
	return function (this: object, ...args: unknown[]) {
		first();
		return then.apply(this, args);
	};
}

class TraceWriter {
	readonly #fd: number;
	readonly #rank: number;
	#isInCall = false;
	#pending = '';
	#awaits = 0;
	readonly #awaited = new WeakSet<object>();

	constructor(fd: number, rank: number) {
		this.#fd = fd;
		this.#rank = rank;
	}

	/** False inside of another call, of which this one is a part. */
	enter(name: string, args: () => object): boolean {
		if (this.#isInCall) return false;
		this.#isInCall = true;
		this.#add({ name, ph: 'B', args: args() });
		this.flush();
		return true;
	}

	leave(): void {
		this.#isInCall = false;
		this.#add({ ph: 'E' });
	}

	/** Returns what ends it. A request that is awaited twice is one line. */
	beginAwait(request: object): () => void {
		if (this.#awaited.has(request)) return () => {};
		this.#awaited.add(request);
		const event = { name: `await ${request.constructor.name}`, cat: 'await', id: `${this.#rank}.${++this.#awaits}` };
		this.#add({ ...event, ph: 'b' });
		return () => {
			if (this.#awaited.delete(request)) this.#add({ ...event, ph: 'e' });
		};
	}

	flush(): void {
		if (this.#pending !== '') writeSync(this.#fd, this.#pending);
		this.#pending = '';
	}

	#add(event: object): void {
		this.#pending += `${JSON.stringify({ ...event, pid: this.#rank, tid: this.#rank, ts: Math.round(nowMs() * 1e6) / 1e3 })}\n`;
	}
}

/** Their names, as the source has them; one that is no plain name is a number. */
function parametersOf(method: Method): string[] {
	const list = /^[^(]*\(([^)]*)\)/.exec(Function.prototype.toString.call(method))?.[1] ?? '';
	return list.split(',').map((part, i) => /^\s*(?:\.\.\.)?([\w$]+)/.exec(part)?.[1] ?? String(i));
}

function describe(parameters: readonly string[], args: readonly unknown[]): object {
	return Object.fromEntries(args.map((arg, i) => [parameters[i] ?? String(i), inBrief(arg)]));
}

function inBrief(value: unknown): unknown {
	if (typeof value === 'string') return value.length > 100 ? `${value.slice(0, 100)}…` : value;
	if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
	if (types.isTypedArray(value)) return `${value.constructor.name}(${value.length})`;
	if (Array.isArray(value)) return value.length > 4 ? `Array(${value.length})` : value.map(inBrief);
	if (typeof value === 'object') return named(value) ?? value.constructor?.name ?? 'Object';
	return typeof value === 'function' ? `function ${value.name}` : String(value);
}

/** MPI's predefined objects have names. */
function named(value: object): string | undefined {
	const { name } = value as { name?: unknown };
	return typeof name === 'string' && name !== '' ? name : undefined;
}
