/** `nprocs doctor program`: which modules a forkserver can import, and why not the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nprocs } from '../helpers/nprocs-command.ts';
import { project } from '../helpers/programs.ts';

interface Finding {
	what: string;
	verdict: string;
	detail: string;
	advice?: string;
}

const files = {
	'main.mjs': `import { Process, isMain } from 'nprocs';
		import { text } from './reads.mjs';
		import './listens.mjs';
		import './common.cjs';
		import './throws.mjs';
		import './exits.mjs';
		import './dies.mjs';
		import good from 'good';
		import 'bad';`,
	'reads.mjs': `import { readFile } from 'node:fs/promises';
		export const text = readFile(new URL(import.meta.url), 'utf8');
		setInterval(() => {}, 1000);`,
	'listens.mjs': `import { createServer } from 'node:net';
		import './reads.mjs';
		createServer().listen(0, '127.0.0.1');`,
	'common.cjs': "const fs = require('fs'); require('./deep/thread.cjs'); exports.value = 1; if (fs.value) require('./never.cjs');",
	'deep/thread.cjs': "const { Worker } = require('node:worker_threads'); new Worker('setInterval(() => {}, 1000)', { eval: true }).unref();",
	'throws.mjs': "throw new Error('no luck');",
	'exits.mjs': 'process.exit(3);',
	'dies.mjs': "import './reads.mjs'; process.kill(process.pid, 'SIGKILL');",
	'alone.mjs': "import { text } from './reads.mjs'; console.log('printed');",
	'node_modules/good/package.json': '{ "main": "good.js" }',
	'node_modules/good/good.js': "require('./inner.js'); exports.good = 1;",
	'node_modules/good/inner.js': '',
	'node_modules/bad/package.json': '{ "type": "module", "exports": { "import": "./bad.js" } }',
	'node_modules/bad/bad.js': "import { spawn } from 'node:child_process'; spawn('sleep', ['3'], { stdio: 'ignore' }).unref();",
};

test('it says of each module whether it can be imported ahead of a fork, and why not', () => {
	const folder = project(files);
	const { code, stdout } = nprocs('doctor', '--json', `${folder}/main.mjs`);
	assert.equal(code, 0);
	const findings = (JSON.parse(stdout) as Finding[]).filter(({ what }) => what.startsWith('module '));
	const details = new Map(findings.map(({ what, detail }) => [/[^/ ]+$/.exec(what)![0], detail]));
	const fit = 'can be imported ahead of a fork';
	assert.equal(details.get('reads.mjs'), fit);
	assert.equal(details.get('good'), fit);
	assert.match(details.get('listens.mjs')!, /^is left to the processes: it leaves a server that listens on 127\.0\.0\.1:\d+$/);
	assert.match(details.get('thread.cjs')!, /^is left to the processes: it leaves .*1 thread /);
	assert.match(details.get('common.cjs')!, /^is left to the processes: it imports .*thread\.cjs$/);
	assert.equal(details.get('throws.mjs'), 'cannot be imported: no luck');
	assert.equal(details.get('exits.mjs'), 'is left to the processes: it ends the process');
	assert.equal(details.get('dies.mjs'), 'is left to the processes: it ends the process');
	assert.match(details.get('bad')!, /^is left to the processes: it leaves a process that it has started \(sleep\)$/);
	assert.match(details.get('main.mjs')!, /^is left to the processes: it imports .*listens\.mjs$/);
	assert.equal(details.size, 10);
	for (const { verdict, detail, advice } of findings) {
		assert.equal(verdict, detail === fit ? 'ok' : 'warning');
		assert.equal(advice !== undefined, / it (?!imports)/.test(detail));
	}
});

test('nothing is printed by the modules themselves; a program that is not there is a wrong call', () => {
	const folder = project(files);
	const { code, stdout } = nprocs('doctor', `${folder}/alone.mjs`);
	assert.equal(code, 0);
	assert.match(stdout, /^✔ module \S*alone\.mjs: can be imported ahead of a fork$/m);
	assert.doesNotMatch(stdout, /printed/);
	const missing = nprocs('doctor', `${folder}/missing.mjs`);
	assert.equal(missing.code, 2);
	assert.match(missing.stderr, /there is no program \S+missing\.mjs/);
});
