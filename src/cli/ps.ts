/** `nprocs ps`: who takes part, and what pools do. */
import { participants, self, type ParticipantInfo } from '../memory/registry.ts';
import { listPools, type PoolInfo, type WorkerOverview } from '../pool/overview.ts';
import type { Call, Command } from './command.ts';
import { reportStrangers } from './strangers.ts';
import { table } from './table.ts';

export const command: Command = {
	usage: '[--json]',
	help: `
Lists the threads that use shared objects: process, thread, name, and what they do. Below them come the pools that have workers: who has made
the pool, and what each worker does.

  --json   as an array of { pid, threadId, name, sleeps, loopWaits, pools }; of each pool { name, workers }, of each worker { index, pid, state,
           function }. The state is "starts", "is idle", "runs" or "has ended"; pid and function are null where there is none.`,
	options: { json: { type: 'boolean' } },
	run: ps,
};

function ps({ options }: Call): number {
	reportStrangers();
	const own = self().token;
	const threads = participants().filter(({ token }) => token !== own);
	const pools = listPools();
	if (options['json'] === true)
		console.log(
			JSON.stringify(
				threads.map((thread) => plain(thread, pools)),
				undefined,
				'\t',
			),
		);
	else if (threads.length === 0) console.log('No process uses shared objects.');
	else console.log([threadTable(threads), ...(pools.length === 0 ? [] : [poolTable(pools)])].join('\n\n'));
	return 0;
}

function plain({ token, pid, threadId, name, sleepsFor, loopWaits }: ParticipantInfo, pools: readonly PoolInfo[]): unknown {
	const own = pools.filter(({ owner }) => owner.token === token);
	return {
		pid,
		threadId,
		name,
		sleeps: sleepsFor !== undefined,
		loopWaits,
		pools: own.map((pool) => ({
			name: pool.name,
			workers: pool.workers.map((worker) => ({ ...worker, pid: worker.pid ?? null, function: worker.function ?? null })),
		})),
	};
}

function threadTable(threads: readonly ParticipantInfo[]): string {
	const rows = threads.map((thread) => [`${thread.pid}`, `${thread.threadId}`, thread.name, doing(thread)]);
	return table(['PID', 'THREAD', 'NAME', 'DOES'], rows);
}

function doing({ sleepsFor, loopWaits }: ParticipantInfo): string {
	if (sleepsFor !== undefined) return 'sleeps until it is woken';
	return loopWaits === 0 ? 'runs' : `has ${loopWaits} wait${loopWaits === 1 ? '' : 's'} in its event loop`;
}

function poolTable(pools: readonly PoolInfo[]): string {
	const rows = pools.flatMap(({ name, owner, workers }) =>
		workers.map((worker) => [name, ownerOf(owner), `${worker.index}`, `${worker.pid ?? '-'}`, working(worker)]),
	);
	return table(['POOL', 'OWNER', 'WORKER', 'PID', 'DOES'], rows);
}

function ownerOf({ pid, threadId, name }: ParticipantInfo): string {
	const thread = threadId === pid ? '' : `, thread ${threadId}`;
	return name === '' ? `${pid}${thread}` : `${name} (${pid}${thread})`;
}

function working({ state, function: name }: WorkerOverview): string {
	return name === undefined ? state : `${state} ${name === '' ? 'a function without a name' : name}`;
}
