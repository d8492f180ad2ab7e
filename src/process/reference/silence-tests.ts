/**
 * The target of a process may stand in a file with tests of node:test, which a child imports to find it. There the
 * tests must neither run nor be reported, whether the file is run by `node --test` or by itself.
 *
 * All calls of `test()`, `describe()`, `before()` and the like outside of other tests go to two methods of one object,
 * the root of the tests, which is made at the first of them. It is made here, and these methods are replaced. Node
 * shows the object to whoever watches the making of asynchronous resources.
 */
import { createHook } from 'node:async_hooks';
import { setImmediate } from '../../base/clock.ts';
import { ProcessError } from '../../base/errors.ts';
import { processWide } from '../../base/process-wide.ts';
import { isImporting } from '../importing.ts';

/**
 * To be called in a child, or in the forkserver, before a module is imported. Afterwards, tests can be defined and are
 * forgotten.
 */
export async function silenceTests(): Promise<void> {
	const state = silenced();
	await (state.done ??= silence());
}

const silenced = processWide('silent-tests/1', (): { done: Promise<void> | undefined } => ({ done: undefined }));

interface Root {
	readonly harness?: { readonly bootstrapPromise?: Promise<unknown>; readonly bootstrapComplete?: boolean };
}

async function silence(): Promise<void> {
	const listeners = new Map(process.eventNames().map((name) => [name, process.rawListeners(name as 'exit')]));
	const { [variable]: context } = process.env;
	// With this one, nothing is written before there is something to tell.
	process.env[variable] = 'child-v8';
	try {
		const root = makeRoot();
		if (root === undefined) return;
		Object.assign(root, { createSubtest: () => forget(nothing), createHook: () => forget(undefined) });
		await hasBegun(root);
	} finally {
		if (context === undefined) delete process.env[variable];
		else process.env[variable] = context;
	}
	for (const name of process.eventNames()) {
		for (const listener of process.rawListeners(name as 'exit')) {
			if (listeners.get(name)?.includes(listener) !== true) process.removeListener(name, listener as () => void);
		}
	}
}

const variable = 'NODE_TEST_CONTEXT';

function makeRoot(): Root | undefined {
	let root: Root | undefined;
	const hook = createHook({
		init(...[, type, , resource]) {
			if (type === 'Test') root ??= resource as Root;
		},
	});
	hook.enable();
	try {
		process.getBuiltinModule('node:test').before(() => {});
	} finally {
		hook.disable();
	}
	return root;
}

/** It reads the environment before it is done. */
async function hasBegun({ harness }: Root): Promise<void> {
	await harness?.bootstrapPromise;
	for (let turns = 0; harness?.bootstrapComplete === false && turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve));
}

/** What Node starts in the place of a test. */
const nothing = { start: () => Promise.resolve(), root: { harness: {} } };

function forget<T>(instead: T): T {
	if (isImporting()) return instead;
	throw new ProcessError('Cannot define a test in a process that a test has started: nobody would run or report it. Define it in the test file.');
}
