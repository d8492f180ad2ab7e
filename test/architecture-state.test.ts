/**
 * State of modules in a forked process. What stands at the top level of a module and can change is copied by a fork, so
 * each such module renews it by a hook (base/at-fork.ts), keeps it where the process's owner of it does
 * (base/process-wide.ts), or is named here with the reason why a copy may go on with it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const src = join(import.meta.dirname, '../../src');

const unrenewed: Record<string, readonly string[]> = {
	'what it knows holds in any process of the program': [
		'base/parts.ts',
		'codec/class-registry.ts',
		'codec/encode-builtin.ts',
		'codec/function-reference.ts',
		'codec/handle.ts',
		'codec/remote-error.ts',
		'manager/auto-proxy.ts',
		'manager/exposed.ts',
		'manager/functions.ts',
		'manager/registered-types.ts',
		'memory/names.ts',
		'memory/user-change.ts',
		'process/context.ts',
		'process/forked/debugger.ts',
		'process/reference/function-location.ts',
		'process/reference/inline.ts',
		'process/start/environment.ts',
		'process/start/inheritance.ts',
		'process/start/launcher.ts',
		'process/start/method.ts',
		'process/start/pidfd.ts',
		'stream/ring-memory.ts',
		'stream/step.ts',
		'sync/inspectors.ts',
		'wait/until.ts',
	],
	'it counts or measures, from wherever it begins': [
		'codec/encoder.ts',
		'native/watch.ts',
		'pool/scheduling/crew.ts',
		'pool/scheduling/place.ts',
		'process/outside.ts',
		'process/start.ts',
		'wait/spin.ts',
		'wait/turn.ts',
	],
	'memory that is taken while it is used, and made anew when there is none': ['codec/decode.ts', 'codec/encode.ts', 'stream/scratch.ts'],
	'it is looked at together with whose it is: a pid, a token, the fork guard': [
		'memory/registry.ts',
		'pool/process-pool-executor.ts',
		'queue/joinable-queue.ts',
		'sync/rlock.ts',
	],
	'what it holds is renewed by those that it holds, or by who calls it': [
		'manager/connections.ts',
		'process/forked/exit.ts',
		'process/forked/threads.ts',
		'stream/out-of-band.ts',
	],
	'it lasts for a call in which nothing of the program runs that may fork': ['manager/crossing.ts', 'memory/descriptors.ts'],
	'it is about objects that nobody but the process uses that has made them': ['pool/scheduling/replies.ts'],
	'assigned once, when the module is evaluated': ['manager/proxy.ts', 'pool/pool.ts', 'process/process.ts', 'task/async-result.ts'],
};

/** What is never in use where a fork copies it; and a copy of a rank leaves MPI as a whole. */
const others = ['cli/', 'forkserver/', 'mpi/'];

test('state of modules is renewed in a forked process, or may be gone on with', () => {
	const named = Object.values(unrenewed).flat().sort();
	const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.ts') && !others.some((folder) => file.startsWith(folder)) && hasState(file))
		.sort();
	assert.deepEqual(
		found.filter((file) => !named.includes(file)),
		[],
		'renew it by a forkHook, or name it here with the reason why a copy may go on with it',
	);
	assert.deepEqual(
		named.filter((file) => !found.includes(file)),
		[],
		'named here, but it has no state that is not renewed',
	);
});

function hasState(file: string): boolean {
	const text = readFileSync(join(src, file), 'utf8');
	const changes = /^(export )?let |^(export )?const \w+(: (?!Readonly)[^=\n]*)? = new (Map|Set|WeakMap|WeakSet)\b(?!\w*\(\[|<[^(\n]*>\(\[)/m;
	return changes.test(text) && !/\b(forkHook|atFork|processWide)(<[^(\n]*>)?\(/.test(text);
}
