/** `nprocs ps`: who takes part. */
import { participants, self } from '../memory/registry.ts';
import type { Call, Command } from './command.ts';
import { reportStrangers } from './strangers.ts';
import { table } from './table.ts';

export const command: Command = {
	usage: '[--json]',
	help: `
Lists the threads that use shared objects: process, thread, name, and what they do.

  --json   as an array of { pid, threadId, name, sleeps, loopWaits }`,
	options: { json: { type: 'boolean' } },
	run: ps,
};

function ps({ options }: Call): number {
	reportStrangers();
	const own = self().token;
	const found = participants().filter(({ token }) => token !== own);
	const rows = found.map(({ pid, threadId, name, sleepsFor, loopWaits }) => ({ pid, threadId, name, sleeps: sleepsFor !== undefined, loopWaits }));
	if (options['json'] === true) console.log(JSON.stringify(rows, undefined, '\t'));
	else if (rows.length === 0) console.log('No process uses shared objects.');
	else
		console.log(
			table(
				['PID', 'THREAD', 'NAME', 'DOES'],
				rows.map(({ pid, threadId, name, sleeps, loopWaits }) => [`${pid}`, `${threadId}`, name, doing(sleeps, loopWaits)]),
			),
		);
	return 0;
}

function doing(sleeps: boolean, loopWaits: number): string {
	if (sleeps) return 'sleeps until it is woken';
	return loopWaits === 0 ? 'runs' : `has ${loopWaits} wait${loopWaits === 1 ? '' : 's'} in its event loop`;
}
