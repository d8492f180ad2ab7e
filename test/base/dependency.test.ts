/** What is said where a package that the library depends on is missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'dependency-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The library, without anything beside it. */
const copy = join(folder, 'node_modules/nprocs');
for (const name of ['package.json', 'dist', 'native/build/Release/nprocs.node']) cpSync(join(root, name), join(copy, name), { recursive: true });

const cases = {
	acorn: `function work() {}
		export { work };
		if (isMain(import.meta)) new Process({ target: work }).start();`,
	'@msgpack/msgpack': `const listener = await new Listener().listen();
		await connect(listener.address, { codec: 'msgpack' });`,
};

for (const [name, program] of Object.entries(cases)) {
	test(`${name} is missing`, () => {
		mkdirSync(join(folder, 'program'), { recursive: true });
		const file = join(folder, 'program', 'main.mjs');
		writeFileSync(file, `import { Listener, Process, connect, isMain } from 'nprocs';\n${program}\n`);
		const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
		assert.match(stderr, /Cannot load the package /);
		assert.ok(stderr.includes(name) && stderr.includes('ERR_NPROCS_MISSING_DEPENDENCY'), stderr);
		assert.equal(status, 1);
	});
}
