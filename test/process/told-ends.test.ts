/** How children of the forkserver end is told exactly, and when it is told they are gone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { Process, wait } from 'nprocs';
import { exitsOnSignal } from '../fixtures/process/forkserver-targets.ts';
import { exits, reportSchedule } from '../fixtures/process/targets.ts';
import { forkserverPid } from '../helpers/forkserver.ts';
import { gone } from '../helpers/programs.ts';
import { outcomeOf, Told } from '../helpers/told.ts';

/** Signals that end a process, and codes. */
const ends: (number | NodeJS.Signals)[] = [0, 1, 77, 255, 'SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT'];

const joins: ((child: Process) => unknown)[] = [(child) => child.join(), (child) => child.joinSync(), (child) => wait([child.sentinel])];

async function assertEndsAreTold(target: (code: number) => void): Promise<void> {
	for (const join of joins) {
		for (const end of ends) {
			const told = new Told({ target, args: [typeof end === 'number' ? end : 0] });
			await told.next();
			process.kill(told.process.pid!, typeof end === 'number' ? 'SIGUSR2' : end);
			await join(told.process);
			assert.equal(told.process.exitCode, typeof end === 'number' ? end : -constants.signals[end]);
			await told.errors;
		}
	}
}

test('each end under each way to wait for it', async () => {
	await assertEndsAreTold(exitsOnSignal);
	for (let i = 0; i < 30; i++) {
		const child = new Process({ target: exits, args: [i] }).start();
		const { pid } = child;
		if (i % 2 === 0) await child.join();
		else child.joinSync();
		assert.equal(child.exitCode, i);
		await gone(pid!);
	}
});

test('what a child inherits: SIGCHLD as usual, and the processors and the policy of the process that started it', async () => {
	const own = { policy: policyOf(process.pid), processors: /^Cpus_allowed:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1] };
	for (let i = 0; i < 8; i++) {
		// Started one after the other, they are spares that have been prepared beforehand from some point on.
		const { reported } = await outcomeOf({ target: reportSchedule });
		assert.deepEqual(reported, [{ ...own, exitCodeOfProgram: 9 }]);
	}
	assert.equal(policyOf(forkserverPid()), own.policy);
});

function policyOf(pid: number): string {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]!;
}
