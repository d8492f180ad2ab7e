/** What the engine tells of itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from '#nprocs/mpi/embedded/version.js';

test('the version is that of the package', () => {
	const text = readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8');
	assert.equal(version.join('.'), (JSON.parse(text) as { version: string }).version);
});
