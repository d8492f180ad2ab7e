/**
 * The recipes of examples/, each run as `npm run cookbook` does.
 * Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'examples'));

for (const recipe of files.filter((name) => name.endsWith('.ts'))) {
	test(recipe, () => {
		const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/cookbook.mjs'), recipe], { encoding: 'utf8' });
		assert.equal(status, 0, `${stdout}${stderr}`);
	});
}

test('every expectation belongs to a recipe', () => {
	for (const name of files.filter((name) => name.endsWith('.out')))
		assert.ok(existsSync(join(root, 'examples', name.replace(/\.out$/, '.ts'))), name);
});
