/**
 * What the library does when the process ends: one list of hooks, in the order of `exitStep`, whichever module comes
 * first to register one. In one place, so that a forked process can tell it from its parent's handlers.
 *
 * It comes after the program's own `exit` handlers, which may be what ends the processes that the library is going to
 * wait for. Node has no event for that, so its way of emitting `exit` is wrapped: the natural end, `process.exit()` and
 * a fatal error all come by there, and a `process.exit()` inside a handler goes on to `reallyExit`. (`reallyExit` by
 * itself is the end at once, as Python's `os._exit`.) After a fatal error Node emits `exit` before it prints the error;
 * what the library does, which may take long, comes after both (process/start/uncaught.ts).
 *
 * All copies of the library in a process have one list, and the first of them wraps Node's functions.
 */
import { processWide } from './process-wide.ts';

/** What an earlier step does may need what a later one ends. */
export const exitStep = {
	/** The job and the items in hand are left: others hear how this process ends. */
	leave: 0,
	/** Its children are ended or joined. */
	children: 1,
	/** It stays for what others still need of it (linger.ts). */
	linger: 2,
	/** It says the last that it has to say. */
	report: 3,
	/** No more code of this thread will run: connections are closed. Not in a process that ends by `endBy`. */
	disconnect: 4,
	/** Shared memory is given up. */
	release: 5,
} as const;

type ExitStep = (typeof exitStep)[keyof typeof exitStep];

/** `run` is given the exit code. Of the same step, what was registered first runs first. */
export function atExit(step: ExitStep, run: (code: number) => void): void {
	const { hooks } = state();
	const later = hooks.findIndex((hook) => hook.step > step);
	hooks.splice(later < 0 ? hooks.length : later, 0, { step, run });
	wrapNode();
}

/**
 * Calls `handler` when the event loop has nothing left to do, before the program hears of it by `beforeExit`. True: it
 * has put new work into the loop, so the program does not hear of it now.
 */
export function whenIdle(handler: () => boolean): void {
	state().idleHandlers.push(handler);
	wrapNode();
}

/**
 * Takes the place of Node's own end: `step` comes after all hooks. Whoever notices a natural end emits `exit` and calls
 * `endNow`. A copy of this process ends in the same way.
 */
export function endBy(step: (code: number) => never): void {
	state().lastStep = step;
	wrapNode();
}

/** Whether `endBy` was called. */
export function isEndTaken(): boolean {
	return state().lastStep !== undefined;
}

export function endNow(code: number): void {
	const { lastStep } = state();
	if (lastStep === undefined) return;
	runHooks(code, exitStep.release, exitStep.release);
	lastStep(code);
}

/**
 * Asks at a natural end, before the program hears of it, for the exit code that it should have, and lets the program
 * set another one. Answers: a code, or undefined. Not after `process.exit()` or errors.
 */
export function atNaturalEnd(codeOf: () => number | undefined): void {
	state().naturalEnds.add(codeOf);
	wrapNode();
}

/** Tells the program that the event loop has come to its end, where it is not Node who does so. */
export function emitNaturalExit(code: number): void {
	whileEmitting({ isNatural: true }, () => process.emit('exit', code));
}

/** Whether the program's `exit` handlers run, or have run: only what is done at once is still done. */
export function isExiting(): boolean {
	return (process as unknown as Node)._exiting;
}

/**
 * From now on, hooks do not run with the `exit` event, but are due when `finishExit` is called. Returns what makes it
 * as it was before.
 */
export function postponeHooks(): () => void {
	const before = state().isPostponed;
	state().isPostponed = true;
	return () => {
		state().isPostponed = before;
	};
}

/** After this, `finishExit` runs the hooks, though there was no `exit` event. */
export function makeHooksDue(): void {
	state().areHooksDue = true;
}

/** To be called when nothing but the end of the process is left. */
export function finishExit(code: number): void {
	if (state().areHooksDue) runHooks(code, exitStep.leave, exitStep.report);
	endNow(code);
	runHooks(code, exitStep.disconnect, exitStep.release);
}

/** In a process that was forked from a running program: what its parent wanted to do at its end is the parent's. */
export function dropProgramsHandlers(): void {
	for (const event of ['exit', 'beforeExit'] as const) process.removeAllListeners(event);
	state().naturalEnds.clear();
	// It may have been forked while the program was told of an error, which it has then dealt with.
	Object.assign(state(), { isPostponed: false, areHooksDue: false });
}

interface Node {
	emit(event: string, ...args: unknown[]): boolean;
	reallyExit(code?: number): never;
	_exiting: boolean;
}

interface Hook {
	readonly step: ExitStep;
	readonly run: (code: number) => void;
}

const state = processWide('exit/1', () => ({
	/** In the order of their steps. */
	hooks: [] as Hook[],
	idleHandlers: [] as (() => boolean)[],
	naturalEnds: new Set<() => number | undefined>(),
	lastStep: undefined as ((code: number) => never) | undefined,
	isWrapped: false,
	/** While the program's own handlers run. */
	isEmitting: false,
	/** Whether the `exit` event that is being emitted is that of a natural end, where that is known. */
	isNatural: undefined as boolean | undefined,
	isPostponed: false,
	areHooksDue: false,
}));

function wrapNode(): void {
	if (state().isWrapped) return;
	state().isWrapped = true;
	const node = process as unknown as Node;
	const emit = node.emit.bind(node);
	const reallyExit = node.reallyExit.bind(node);
	const wrapper: Node['emit'] = (event, ...args) => {
		if (event === 'exit') return emitExit(emit, args[0] as number | undefined, wrapper);
		if (event === 'beforeExit' && state().idleHandlers.some((handler) => handler())) return true;
		return emit(event, ...args);
	};
	node.emit = wrapper;
	node.reallyExit = (given = 0) => {
		const code = Number(given) | 0; // `process.exit('3')`
		state().areHooksDue ||= state().isEmitting;
		finishExit(code);
		return reallyExit(code);
	};
}

function emitExit(emit: Node['emit'], given: number | undefined, wrapper: Node['emit']): boolean {
	const isNatural = state().isNatural ?? isCalledByNode(wrapper);
	const code = isNatural ? naturalCode() : undefined;
	if (code !== undefined) process.exitCode = code;
	state().isEmitting = true;
	try {
		return whileEmitting({ isNatural }, () => emit('exit', code ?? given));
	} finally {
		state().isEmitting = false;
		if (state().isPostponed) state().areHooksDue = true;
		else runHooks(Number(process.exitCode ?? given ?? 0), exitStep.leave, isEndTaken() ? exitStep.report : exitStep.release);
	}
}

function whileEmitting<T>({ isNatural }: { isNatural: boolean }, emit: () => T): T {
	const before = state().isNatural;
	state().isNatural = isNatural;
	try {
		return emit();
	} finally {
		state().isNatural = before;
	}
}

function naturalCode(): number | undefined {
	if (Number(process.exitCode ?? 0) !== 0) return undefined;
	for (const codeOf of state().naturalEnds) {
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

/** Each runs once, but what it registers itself is for the next call. */
function runHooks(code: number, first: ExitStep, last: ExitStep): void {
	const { hooks } = state();
	if (first === exitStep.leave) Object.assign(state(), { isEmitting: false, areHooksDue: false });
	const due = hooks.filter(({ step }) => step >= first && step <= last);
	state().hooks = hooks.filter((hook) => !due.includes(hook));
	for (const { run } of due) run(code);
}
