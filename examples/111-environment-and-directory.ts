/** Give a process its own environment, working directory and flags of Node. */
import { Process, isMain } from 'nprocs';

export function show(): void {
	console.log(process.env['COLOUR'], process.cwd(), process.execArgv);
}

if (isMain(import.meta)) {
	process.env['COLOUR'] = 'red';
	const ways = [{}, { env: { ...process.env, COLOUR: 'blue' }, cwd: '/' }, { execArgv: ['--no-warnings'] }];
	for (const options of ways) await new Process({ target: show, ...options }).start().join();
}
