/** Programs that a bundler has joined into one file: their processes import that file, and find their targets in it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { privatePackage } from './helpers/private-package.ts';

const { folder, missing } = privatePackage('bundlers');

describe('a bundle', { skip: missing }, () => {
	before(() => execFileSync(process.execPath, ['bundle.mjs'], { cwd: folder, stdio: 'pipe' }));

	for (const file of [
		'esbuild.mjs',
		'esbuild-minified.mjs',
		'esbuild-commonjs.cjs',
		'esbuild-commonjs-minified.cjs',
		'rollup.mjs',
		'webpack-named.mjs',
		'webpack-beside.mjs',
	]) {
		test(`${file} starts its processes`, () => {
			const { status, stdout, stderr } = run(file);
			assert.equal(stdout, '21\nexit code 0\n', stderr);
			assert.equal(status, 0, stderr);
		});
	}

	for (const file of ['esbuild-mpi.mjs', 'rollup-mpi.mjs', 'webpack-mpi.mjs']) {
		test(`${file} has the library's other entry`, () => {
			const { status, stdout, stderr } = run(file);
			assert.deepEqual([status, stdout, stderr], [0, '7\n', '']);
		});
	}

	test('that swallowed the library is told to leave it out', () => {
		const { status, stderr } = run('not-external.mjs');
		assert.match(stderr, /ERR_NPROCS_BUNDLED/);
		assert.match(stderr, /not-external\.mjs.*external/s);
		assert.equal(status, 1);
	});
});

function run(file: string): { status: number | null; stdout: string; stderr: string } {
	return spawnSync(process.execPath, [join(folder!, 'out', file)], { encoding: 'utf8' });
}
