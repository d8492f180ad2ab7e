/** `nprocs gc`: removes what killed processes left. */
import { collectGarbage } from '../memory/janitor.ts';
import type { Call, Command } from './command.ts';
import { reportStrangers } from './strangers.ts';

export const command: Command = {
	usage: '[--json]',
	help: `
Removes segments in /dev/shm that no process holds and no message carries, and prints their names. Programs do the same when
they first use the library.

  --json   as an array of names`,
	options: { json: { type: 'boolean' } },
	run: gc,
};

function gc({ options }: Call): number {
	reportStrangers();
	const removed = collectGarbage();
	if (options['json'] === true) console.log(JSON.stringify(removed));
	else console.log(removed.length === 0 ? 'Nothing to remove.' : `Removed ${removed.length}:\n${removed.join('\n')}`);
	return 0;
}
