/**
 * What the library does when the process ends. In one place, so that a forked process can tell it from its parent's
 * handlers.
 *
 * It comes after the program's own `exit` handlers, which may be what ends the processes that the library is going to
 * wait for. Node has no event for that, so its way of emitting `exit` is wrapped: the natural end, `process.exit()` and
 * a fatal error all come by there, and a `process.exit()` inside a handler goes on to `reallyExit`. (`reallyExit` by
 * itself is the end at once, as Python's `os._exit`.) After a fatal error Node emits `exit` before it prints the error;
 * what the library does, which may take long, comes after both (process/start/uncaught.ts).
 */
import { setTimeout, nowMs } from './clock.ts';
import { processWide } from './process-wide.ts';

/** Runs `handler` when the process ends, after the program's own handlers and those that were given before. */
export function atExit(handler: (code: number) => void): void {
	handlers.push(handler);
	wrapNode();
}

/**
 * Runs `handler` after all those, when no more code of this thread will run; the last one that was given first. Not in
 * a process that ends by `endBy`.
 */
export function atVeryEnd(handler: () => void): void {
	lastHandlers.unshift(handler);
	wrapNode();
}

/**
 * Calls `handler` when the event loop has nothing left to do, before the program hears of it by `beforeExit`. True: it
 * has put new work into the loop, so the program does not hear of it now.
 */
export function whenIdle(handler: () => boolean): void {
	idleHandlers.push(handler);
	wrapNode();
}

/**
 * Takes the place of Node's own end: `step` comes after all handlers. Whoever notices a natural end emits `exit` and
 * calls `endNow`.
 */
export function endBy(step: (code: number) => never): void {
	lastStep = step;
	wrapNode();
}

export function endNow(code: number): void {
	lastStep?.(code);
}

/**
 * Asks at a natural end, before the program hears of it, for the exit code that it should have, and lets the program
 * set another one. Answers: a code, or undefined. Not after `process.exit()` or errors.
 */
export function atNaturalEnd(codeOf: () => number | undefined): void {
	naturalEnds.add(codeOf);
	wrapNode();
}

/** Tells the program that the event loop has come to its end, where it is not Node who does so. */
export function emitNaturalExit(code: number): void {
	whileEmitting({ isNatural: true }, () => process.emit('exit', code));
}

/**
 * From now on, what `atExit` was given does not run with the `exit` event, but is due when `finishExit` is called.
 * Returns what makes it as it was before.
 */
export function postponeHandlers(): () => void {
	const before = isPostponed;
	isPostponed = true;
	return () => {
		isPostponed = before;
	};
}

/** After this, `finishExit` runs the handlers, though there was no `exit` event. */
export function makeHandlersDue(): void {
	areHandlersDue = true;
}

/** To be called when nothing but the end of the process is left. */
export function finishExit(code: number): void {
	if (areHandlersDue) runHandlers(code);
	lastStep?.(code);
	runLastHandlers();
}

/**
 * A process that is about to end stays for as long as one of these says so, but not for ever: others still need
 * something that ends with it. In its event loop if it has nothing left to do; after `process.exit()` and errors it
 * sleeps. Returns what takes it back.
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

/**
 * In a process that was forked from a running program: what its parent wanted to do at its end is the parent's to do.
 */
export function dropExitHandlers(): void {
	for (const event of ['exit', 'beforeExit'] as const) process.removeAllListeners(event);
	reasons.clear();
	naturalEnds.clear();
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
let isPostponed = false;
let areHandlersDue = false;
/**
 * Whether the `exit` event that is being emitted is that of a natural end: other copies of the library wrap the same
 * function.
 */
const emission = processWide('exit/1', (): { isNatural: boolean | undefined } => ({ isNatural: undefined }));
const naturalEnds = new Set<() => number | undefined>();

/** Is done by the functions above; to be called when it should be done beforehand. */
export function wrapNode(): void {
	if (isWrapped) return;
	isWrapped = true;
	const node = process as unknown as Node;
	const emit = node.emit.bind(node);
	const reallyExit = node.reallyExit.bind(node);
	const wrapper: Node['emit'] = (event, ...args) => {
		if (event === 'exit') return emitExit(emit, args[0] as number | undefined, wrapper);
		if (event === 'beforeExit' && idleHandlers.some((handler) => handler())) return true;
		return emit(event, ...args);
	};
	node.emit = wrapper;
	node.reallyExit = (given = 0) => {
		const code = Number(given) | 0; // `process.exit('3')`
		areHandlersDue ||= isEmitting;
		finishExit(code);
		return reallyExit(code);
	};
}

function emitExit(emit: Node['emit'], given: number | undefined, wrapper: Node['emit']): boolean {
	const isNatural = emission().isNatural ?? isCalledByNode(wrapper);
	const code = isNatural ? naturalCode() : undefined;
	if (code !== undefined) process.exitCode = code;
	isEmitting = true;
	try {
		return whileEmitting({ isNatural }, () => emit('exit', code ?? given));
	} finally {
		isEmitting = false;
		if (isPostponed) areHandlersDue = true;
		else {
			runHandlers(Number(process.exitCode ?? given ?? 0));
			if (lastStep === undefined) runLastHandlers();
		}
	}
}

function whileEmitting<T>({ isNatural }: { isNatural: boolean }, emit: () => T): T {
	const before = emission().isNatural;
	emission().isNatural = isNatural;
	try {
		return emit();
	} finally {
		emission().isNatural = before;
	}
}

function naturalCode(): number | undefined {
	if (Number(process.exitCode ?? 0) !== 0) return undefined;
	for (const codeOf of naturalEnds) {
		const code = codeOf();
		if (code !== undefined) return code;
	}
	return undefined;
}

/**
 * `process.exit()` and errors come from JavaScript; at the end of its loop, Node calls `emit` with nothing below it on
 * the stack but, perhaps, its async hooks.
 */
function isCalledByNode(called: Node['emit']): boolean {
	if (Object.isFrozen(Error)) return false; // then nobody can tell
	const { stackTraceLimit } = Error;
	const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
	const place: { stack?: unknown } = {};
	const isHook = (frame: NodeJS.CallSite): boolean => frame.getFileName() === 'node:internal/async_hooks';
	try {
		Error.stackTraceLimit = 2;
		Error.prepareStackTrace = (_error, frames) => frames;
		Error.captureStackTrace(place, called);
		return Array.isArray(place.stack) && place.stack.every(isHook);
	} finally {
		Error.stackTraceLimit = stackTraceLimit;
		if (prepare === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
		else Object.defineProperty(Error, 'prepareStackTrace', prepare);
	}
}

function runLastHandlers(): void {
	for (const handler of lastHandlers.splice(0)) handler();
}

function runHandlers(code: number): void {
	isEmitting = areHandlersDue = false;
	for (const handler of handlers.splice(0)) handler(code);
}
