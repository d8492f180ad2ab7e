/**
 * No room for another process: EAGAIN of fork. The limit is one of the user's processes, which root does not have, so
 * the programs run as another user then.
 *
 * Time limit: 120 s
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { commandFor, everyMethod, programFile } from '../helpers/cases.ts';
import { Program } from '../helpers/programs.ts';

/** A user that has nothing else running. */
const nobody = ['--reuid=64321', '--regid=64321', '--clear-groups', '--inh-caps=-all'];
const asOther = process.getuid!() === 0 ? ['setpriv', ...nobody] : [];

function asUser(...command: string[]): [tool: string, args: string[]] {
	const [tool, ...args] = [...asOther, ...command];
	return [tool!, args];
}

function obstacle(): string | false {
	for (const tool of ['prlimit', ...asOther.slice(0, 1)]) {
		if (spawnSync(tool, ['--version']).status !== 0) return `there is no ${tool} (util-linux)`;
	}
	// The first program may still have the rights of this user while it is being started.
	const { status, stderr } = spawnSync(...asUser(process.execPath, '-e', runsAgain, programFile('targets.js')), { encoding: 'utf8' });
	return status === 0 ? false : `another user cannot run the programs: ${stderr}`;
}

const runsAgain = `
	const { status, error, stderr } = require('node:child_process').spawnSync(process.execPath, [process.argv[1]], { encoding: 'utf8' });
	if (status !== 0) throw error ?? new Error(stderr);`;

/**
 * The limit of the one process is far below what its user has, so whatever it forks is refused; the others are not
 * concerned.
 */
function setLimit(pid: number, limit: string): void {
	execFileSync(...asUser('prlimit', `--pid=${pid}`, `--nproc=${limit}:`));
}

const skip = obstacle();

for (const method of everyMethod) {
	test(method, { skip }, async () => {
		const [node, args] = asUser(process.execPath, ...commandFor(method, programFile('limits.js'), method));
		const program = new Program(args, { node });
		after(() => program.child.kill('SIGKILL'));
		let rounds = 0;
		for await (const line of program.lines()) {
			const [what, pid] = line.split(' ') as [string, string];
			setLimit(Number(pid), what === 'limit' ? '1' : '10000');
			rounds++;
			program.signal('SIGUSR2');
		}
		assert.equal(await program.end(), 0, program.stderr);
		assert.equal(rounds, 8);
	});
}
