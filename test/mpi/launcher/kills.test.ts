/**
 * Jobs whose launcher is killed, alone, with all of its ranks, or with its whole process group: nobody is left, and
 * nothing in /dev/shm but the registry of participants, which is the user's and not the job's.
 *
 * The launcher dies at atomic operations of its own (its first to its last; more of them in `npm run test:full`), or
 * when its ranks have said where they are. Time limit: 900 s
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { isFull } from '../../helpers/full.js';
import { launcherMain } from '../../helpers/mpi.js';
import { gone, Program } from '../../helpers/programs.js';
import { until } from '../../helpers/waiting.js';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { listNames } from '#nprocs/memory/janitor.js';

const dyingLauncher = join(import.meta.dirname, '../../fixtures/mpi/dying-launcher.js');
const program = (name: string): string => join(import.meta.dirname, `../programs/${name}.js`);

// What a process group had that was killed at once is left to whoever uses the library next.
after(() => collectGarbage());
afterEach(() => assert.deepEqual(leftOver(), []));

function leftOver(): string[] {
	return listNames().filter((name) => !/-registry-\d+$/.test(name));
}

/** Of a process group, zombies left out. */
function members(group: number): number[] {
	return readdirSync('/proc').flatMap((entry) => {
		if (!/^\d+$/.test(entry)) return [];
		try {
			const [state, , its] = readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
			return Number(its) === group && state !== 'Z' ? [Number(entry)] : [];
		} catch {
			return []; // it has ended meanwhile
		}
	});
}

const ways = ['forked', 'spawned'] as const;
/** Ranks with flags of their own are new Node processes, and the launcher has no forkserver. */
const flags = { forked: [], spawned: ['node', '--no-warnings'] } as const;

for (const way of ways) {
	const ranks = ['-n', '2', ...flags[way], program('shared-memory')];

	for (const whom of ['launcher', 'group'] as const) {
		test(`${way} ranks: ${whom} killed at each stage of the launcher`, async () => {
			const whole = new Program([dyingLauncher, '0', whom, launcherMain, ...ranks]);
			assert.equal(await whole.end(), 0, whole.stderr);
			const operations = Number(/operations: (\d+)/.exec(whole.stderr)![1]);
			const runs = isFull ? 60 : 6;
			for (let run = 0; run < runs; run++) {
				const at = 1 + Math.round((run * (operations - 1)) / (runs - 1));
				const job = new Program([dyingLauncher, String(at), whom, launcherMain, ...ranks]);
				const ended = await job.end();
				await until(() => members(job.pid).length === 0);
				assert.deepEqual(leftOver(), [], `killed at operation ${at} of about ${operations}, ended by ${ended}`);
			}
		});
	}

	for (const call of ['recv', 'barrier', 'large send', 'finalize']) {
		for (const whom of ['launcher', 'launcher and ranks', 'ranks and launcher', 'group'] as const) {
			test(`${way} ranks, one in ${call}: ${whom} killed`, async () => {
				const job = new Program([launcherMain, 'mpiexec', '-n', '3', ...flags[way], program('blocked'), call]);
				const pids: number[] = [];
				while (pids.length < 3) pids.push(Number((await job.line()).split(' ')[1]));
				const inOrder = {
					launcher: [job.pid],
					'launcher and ranks': [job.pid, ...pids],
					'ranks and launcher': [...pids, job.pid],
					group: [-job.pid],
				};
				for (const pid of inOrder[whom]) tryToKill(pid);
				// Where its ranks are killed first, the launcher may have ended by their death before it is killed.
				const ends: unknown[] = whom === 'ranks and launcher' ? ['SIGKILL', 137] : ['SIGKILL'];
				assert.ok(ends.includes(await job.end()));
				await until(() => members(job.pid).length === 0);
				for (const pid of pids) await gone(pid);
			});
		}
	}
}

/** It may have ended already with the one before. */
function tryToKill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch (error) {
		assert.equal((error as { code?: string }).code, 'ESRCH');
	}
}
