/**
 * What the library does when the process ends. In one place, so that a forked process can tell it from its parent's handlers.
 *
 * It comes after the program's own `exit` handlers, which may be what ends the processes that the library is going to wait for. Node has no event
 * for that, so its way of emitting `exit` is wrapped: the natural end, `process.exit()` and a fatal error all come by there, and a `process.exit()`
 * inside a handler goes on to `reallyExit`. (`reallyExit` by itself is the end at once, as Python's `os._exit`.)
 */
import { setTimeout, nowMs } from './clock.ts';

/** Runs `handler` when the process ends, after the program's own handlers and those that were given before. */
export function atExit(handler: (code: number) => void): void {
	handlers.push(handler);
	wrapNode();
}

/** Runs `handler` after all those, when no more code of this thread will run; the last one that was given first. Not in a process that ends by `endBy`. */
export function atVeryEnd(handler: () => void): void {
	lastHandlers.unshift(handler);
	wrapNode();
}

/**
 * Calls `handler` when the event loop has nothing left to do, before the program hears of it by `beforeExit`. True: it has put new work
 * into the loop, so the program does not hear of it now.
 */
export function whenIdle(handler: () => boolean): void {
	idleHandlers.push(handler);
	wrapNode();
}

/** Takes the place of Node's own end: `step` comes after all handlers. */
export function endBy(step: (code: number) => never): void {
	lastStep = step;
	wrapNode();
}

/**
 * A process that is about to end stays for as long as one of these says so, but not for ever: others still need something that ends with it. In its event
 * loop if it has nothing left to do; after `process.exit()` and errors it sleeps. Returns what takes it back.
 */
export function lingerWhile(isNeeded: () => boolean, sleep: (ms: number) => void): () => void {
	if (!isLingering) {
		whenIdle(lingerInLoop);
		atExit(() => {
			while (mustLinger()) sleep(lookEveryMs);
		});
	}
	isLingering = true;
	reasons.add(isNeeded);
	lingersUntil = undefined;
	return () => reasons.delete(isNeeded);
}

/**
 * Does all that an end does, so that V8 has compiled it: `leave` is to end the process, and `step` is what `endBy` would be given, with `stop` in the
 * place of the very end. No handler is run, and the process is afterwards what it was.
 */
export function rehearseEnd(leave: () => void, step: (code: number, stop: () => never) => never): void {
	const node = process as unknown as Node;
	const kept = { handlers: handlers.splice(0), listeners: process.rawListeners('exit') as (() => void)[] };
	process.removeAllListeners('exit');
	const stopped = new Error('a rehearsal');
	const stop = (): never => {
		throw stopped;
	};
	endBy((code) => step(code, stop));
	try {
		leave();
	} catch (error) {
		if (error !== stopped) throw error;
	} finally {
		lastStep = undefined;
		node._exiting = false;
		handlers.push(...kept.handlers);
		for (const listener of kept.listeners) process.on('exit', listener);
	}
}

const lingerMs = 5000;
const lookEveryMs = 10;
const reasons = new Set<() => boolean>();
let isLingering = false;
let lingersUntil: number | undefined;

function lingerInLoop(): boolean {
	if (!mustLinger()) return false;
	setTimeout(() => {}, lookEveryMs);
	return true;
}

function mustLinger(): boolean {
	if (reasons.size === 0) return false;
	lingersUntil ??= nowMs() + lingerMs;
	return nowMs() < lingersUntil && [...reasons].some((isNeeded) => isNeeded());
}

/** In a process that was forked from a running program: what its parent wanted to do at its end is the parent's to do. */
export function dropExitHandlers(): void {
	for (const event of ['exit', 'beforeExit'] as const) process.removeAllListeners(event);
	reasons.clear();
}

interface Node {
	emit(event: string, ...args: unknown[]): boolean;
	reallyExit(code?: number): never;
	_exiting: boolean;
}

const handlers: ((code: number) => void)[] = [];
const lastHandlers: (() => void)[] = [];
const idleHandlers: (() => boolean)[] = [];
let lastStep: ((code: number) => never) | undefined;
let isWrapped = false;
/** While the program's own handlers run. */
let isEmitting = false;

/** Is done by the functions above; to be called when it should be done beforehand. */
export function wrapNode(): void {
	if (isWrapped) return;
	isWrapped = true;
	const node = process as unknown as Node;
	const emit = node.emit.bind(node);
	const reallyExit = node.reallyExit.bind(node);
	node.emit = (event, ...args) => {
		if (event === 'exit') return emitExit(() => emit(event, ...args), args[0] as number | undefined);
		if (event === 'beforeExit' && idleHandlers.some((handler) => handler())) return true;
		return emit(event, ...args);
	};
	node.reallyExit = (code = 0) => {
		if (isEmitting) runHandlers(code);
		lastStep?.(code);
		runLastHandlers();
		return reallyExit(code);
	};
}

function emitExit(emit: () => boolean, given: number | undefined): boolean {
	isEmitting = true;
	try {
		return lastStep === undefined ? emit() : reportThrown(emit);
	} finally {
		const code = Number(process.exitCode ?? given ?? 0);
		runHandlers(code);
		lastStep?.(code);
		runLastHandlers();
	}
}

/** Node would report what a handler throws after this, but does not get that far. */
function reportThrown(emit: () => boolean): boolean {
	try {
		return emit();
	} catch (error) {
		(process as unknown as Node).emit('uncaughtExceptionMonitor', error, 'uncaughtException');
		process.exitCode ??= 1;
		throw error;
	}
}

function runLastHandlers(): void {
	for (const handler of lastHandlers.splice(0)) handler();
}

function runHandlers(code: number): void {
	isEmitting = false;
	for (const handler of handlers.splice(0)) handler(code);
}
