import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nprocs } from '../helpers/nprocs-command.ts';

interface Finding {
	what: string;
	verdict: string;
	detail: string;
}

test('doctor finds everything in order where the tests run', () => {
	const { code, stdout, stderr } = nprocs('doctor');
	assert.equal(stderr, '');
	assert.equal(code, 0, stdout);
	for (const what of [
		'platform',
		'Node.js',
		'addon',
		'pidfd',
		'memfd',
		'unnamed files in /dev/shm',
		'abstract sockets',
		'signal on hang-up',
		'start method spawn',
		'start method forkserver',
	]) {
		assert.match(stdout, new RegExp(`^✔ ${what}: `, 'm'));
	}
});

test('doctor --json says the same for programs', () => {
	const findings = JSON.parse(nprocs('doctor', '--json').stdout) as Finding[];
	assert.deepEqual(
		findings.filter(({ what }) => what === 'addon').map(({ verdict }) => verdict),
		['ok'],
	);
	assert.ok(findings.every(({ verdict, detail }) => ['ok', 'warning', 'info'].includes(verdict) && detail.length > 0));
});
