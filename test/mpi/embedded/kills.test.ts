/**
 * A rank is killed while another one blocks in a call, and a third one awaits: the job ends, with the code of the
 * death, and nothing is left. (The runner looks for processes and segments after this file.) At every call that blocks
 * in `npm run test:full`. Time limit: 900 s
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFull } from '../../helpers/full.js';
import { launcherMain } from '../../helpers/mpi.js';
import { gone, Program } from '../../helpers/programs.js';
import { collectGarbage } from '#nprocs/memory/janitor.js';

const program = join(import.meta.dirname, '../programs/blocked.js');
const calls = [
	'recv',
	'large send',
	'many sends',
	'barrier',
	...(isFull
		? [
				'recv of any',
				'ssend',
				'many large sends',
				'sendrecv',
				'probe',
				'mprobe',
				'wait',
				'wait for any',
				'test in a loop',
				'block',
				'bcast',
				'large bcast',
				'allreduce',
				'dup',
				'wait for idup',
				'detach',
				'finalize',
			]
		: []),
];

// A launcher that is killed, and its ranks with it, leave the registry of participants to the next one.
after(() => collectGarbage());

async function begin(call: string): Promise<{ job: Program; pids: number[] }> {
	const job = new Program([launcherMain, 'mpiexec', '-n', '3', program, call]);
	const pids: number[] = [];
	while (pids.filter((pid) => pid > 0).length < 3) {
		const [rank, pid] = (await job.line()).split(' ').map(Number);
		pids[rank!] = pid!;
	}
	return { job, pids };
}

async function mustEnd(job: Program, pids: readonly number[], code: number | string): Promise<void> {
	assert.equal(await job.end(), code, job.stderr);
	assert.doesNotMatch(job.stdout, /it went on|it came/);
	for (const pid of pids) await gone(pid);
}

for (const call of calls) {
	test(`${call}: the rank that it waits for is killed`, async () => {
		const { job, pids } = await begin(call);
		process.kill(pids[2]!, 'SIGKILL');
		await mustEnd(job, pids, 137);
		assert.match(job.stderr, /rank 2 was killed by SIGKILL/);
	});

	test(`${call}: the rank that blocks is killed`, async () => {
		const { job, pids } = await begin(call);
		process.kill(pids[0]!, 'SIGKILL');
		await mustEnd(job, pids, 137);
		assert.match(job.stderr, /rank 0 was killed by SIGKILL/);
	});

	test(`${call}: the launcher is killed`, async () => {
		const { job, pids } = await begin(call);
		job.signal('SIGKILL');
		await mustEnd(job, pids, 'SIGKILL');
	});
}
