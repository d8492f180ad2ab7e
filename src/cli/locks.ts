/** `nprocs locks`: what is held by whom, and who waits. */
import { self, type ParticipantInfo } from '../memory/registry.ts';
import { listObjects, type ObjectInfo } from '../sync/overview.ts';
import type { Call, Command } from './command.ts';
import { reportStrangers } from './strangers.ts';
import { table } from './table.ts';

export const command: Command = {
	usage: '[--json]',
	help: `
Lists locks, semaphores, conditions, events and barriers: their state, who holds them, who waits for them.

  --json   as an array of { kind, name, state, holders, waiters }`,
	options: { json: { type: 'boolean' } },
	run: locks,
};

function locks({ options }: Call): number {
	reportStrangers();
	self();
	const objects = listObjects();
	if (options['json'] === true) console.log(JSON.stringify(objects.map(plain), undefined, '\t'));
	else if (objects.length === 0) console.log('There are no locks.');
	else {
		const rows = objects.map(({ kind, name, state, holders, waiters }) => [
			kind,
			name,
			state,
			holders.map(who).join(', '),
			waiters.map(who).join(', '),
		]);
		console.log(table(['KIND', 'NAME', 'STATE', 'HELD BY', 'WAITING'], rows));
	}
	return 0;
}

function plain({ kind, name, state, holders, waiters }: ObjectInfo): unknown {
	const short = ({ pid, threadId, name: process }: ParticipantInfo): unknown => ({ pid, threadId, name: process });
	return { kind, name, state, holders: holders.map(short), waiters: waiters.map(short) };
}

function who({ pid, name }: ParticipantInfo): string {
	return name === '' ? `${pid}` : `${name} (${pid})`;
}
