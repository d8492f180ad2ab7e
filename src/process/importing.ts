/**
 * Code that runs in a child because a module is imported there, and not because the target was called, must not start
 * processes: the children would import the same module, and start children in turn, without end. Whoever forgets the
 * guard writes just that.
 *
 * Such code also runs later, after an `await` or in a timer. The asynchronous context in which a child imports modules
 * tells it from the target's, which is called outside of it. Before Node.js 24, promises are three times as slow as
 * long as anybody uses such a context; so there it is given up after an import that has left nothing to come.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from '../base/clock.ts';
import { processWide } from '../base/process-wide.ts';
import { openWatches } from '../native/watch.ts';
import { role } from './current.ts';

interface ImportState {
	/** How many are under way. */
	count: number;
	/** In which they take place. */
	context: AsyncLocalStorage<true> | undefined;
	/** Whether one has left something to come. */
	hasBegunWork: boolean;
}

const importState = processWide('import/1', (): ImportState => ({ count: 0, context: undefined, hasBegunWork: false }));

/** Whether the code at work runs because a child imports a module. All imports in a forkserver are for its children. */
export function isImporting(): boolean {
	if (role() === 'forkserver') return true;
	const { count, context } = importState();
	return count > 0 || context?.getStore() === true;
}

/** `load` imports a module of the program. */
export async function whileImporting<T>(load: () => Promise<T>): Promise<T> {
	if (!isWatched()) return load();
	const context = begin();
	try {
		return await context.run(true, load);
	} finally {
		// All promises that nothing else keeps waiting go on until then.
		await new Promise((resolve) => setImmediate(resolve));
		end();
	}
}

/** The same for `require()`. */
export function whileRequiring<T>(load: () => T): T {
	if (!isWatched()) return load();
	const context = begin();
	try {
		return context.run(true, load);
	} finally {
		end();
	}
}

function isWatched(): boolean {
	return role() !== 'main';
}

function begin(): AsyncLocalStorage<true> {
	const state = importState();
	state.count++;
	return (state.context ??= new AsyncLocalStorage());
}

function end(): void {
	const state = importState();
	state.count--;
	state.hasBegunWork ||= hasWorkToCome();
	if (!isContextCheap && !state.hasBegunWork && state.count === 0) state.context?.disable();
}

/**
 * Whether something keeps the event loop alive. Children of the forkserver go on with its timers; it has one of its
 * own, which limits the import's time.
 */
function hasWorkToCome(): boolean {
	return openWatches() > 0 || process.getActiveResourcesInfo().length > (role() === 'forkserver' ? 1 : 0);
}

const isContextCheap = Number(process.versions.node.split('.')[0]) >= 24;
