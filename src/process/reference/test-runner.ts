/**
 * Test runners: a child of a test imports modules as Node does, without the runner. So a function of a test file cannot
 * be sent, but under node:test, whose tests can be kept from running there (silence-tests.ts); and an import that fails
 * in a child has most often failed because of that.
 */
import { fileURLToPath } from 'node:url';
import { NotImportableError } from '../../base/errors.ts';
import { processState, type TestRunner } from '../current.ts';

/** The one that this program runs under, or a program that has started it. */
export function testRunner(): TestRunner | undefined {
	const state = processState();
	return (state.testRunner ??= find());
}

/** Throws when the file at `url` is the one whose tests are running, and no other process can import it. */
export function refuseTestFile(url: string, what: string): void {
	if (!url.startsWith('file:') || fileURLToPath(url) !== testFile()) return;
	throw new NotImportableError(
		`Cannot send ${what}: it is in a test file, ${fileURLToPath(url)}, which nobody but ${testRunner() ?? 'its test runner'} can import. Put it into a module of its own, and import that into the test.`,
	);
}

/** What is thrown in a child whose import of a module has failed. */
export function importFailure(url: string, error: unknown): unknown {
	const runner = testRunner();
	const isUnknownKind = (error as { code?: unknown } | null)?.code === 'ERR_UNKNOWN_FILE_EXTENSION';
	if (!isUnknownKind && (runner === undefined || runner === 'node:test')) return error;
	const advice = isUnknownKind
		? `Node.js ${process.version} cannot do that by itself. Give the processes a loader, as with { execArgv: ['--import=tsx'] }, or name a compiled module by { module, name }.`
		: `It is imported as by Node.js itself, without ${runner}: its globals, mocks, aliases and what it compiles do not exist there. Put what processes run into a module of its own that Node.js can import.`;
	return new NotImportableError(`Cannot import ${url} in a child process: ${String(error)}. ${advice}`, { cause: error });
}

const globals = globalThis as unknown as Record<string | symbol, { filepath?: unknown; state?: { testPath?: unknown } } | undefined>;
const vitestState = '__vitest_worker__';
const jestState = Symbol.for('$$jest-matchers-object');

function testFile(): unknown {
	return globals[vitestState]?.filepath ?? globals[jestState]?.state?.testPath;
}

function find(): TestRunner | undefined {
	if (globals[vitestState] !== undefined) return 'vitest';
	if (globals[jestState] !== undefined && process.env['JEST_WORKER_ID'] !== undefined) return 'jest';
	if (typeof globals['describe'] === 'function' && /[\\/]mocha[\\/]/.test(process.argv[1] ?? '')) return 'mocha';
	const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
	return moduleLoadList?.includes('NativeModule internal/test_runner/harness') === true ? 'node:test' : undefined;
}
