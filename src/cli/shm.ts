/** `nprocs shm`: what lies in /dev/shm. */
import { listSegments } from '../memory/inspect.ts';
import type { Call, Command } from './command.ts';
import { reportStrangers } from './strangers.ts';
import { table } from './table.ts';

export const command: Command = {
	usage: '[--json]',
	help: `
Lists the segments of nprocs in /dev/shm. One that no process holds is on its way in a message, or was left by a killed process:
\`nprocs gc\` removes the latter.

  --json   as an array of { name, kind, size, held }`,
	options: { json: { type: 'boolean' } },
	run: shm,
};

function shm({ options }: Call): number {
	reportStrangers();
	const segments = listSegments().map(({ name, kind = 'block', size, held }) => ({ name, kind, size, held }));
	if (options['json'] === true) console.log(JSON.stringify(segments, undefined, '\t'));
	else if (segments.length === 0) console.log('There are no segments.');
	else
		console.log(
			table(
				['NAME', 'KIND', 'BYTES', 'HELD'],
				segments.map(({ name, kind, size, held }) => [name, kind, `${size}`, held ? 'yes' : 'no']),
			),
		);
	return 0;
}
