/** What a program pays for importing the library, before it uses anything of it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { each, question } from './harness.ts';

const root = join(import.meta.dirname, '../..');

function importCost(specifier: string): number {
	const program = `const t = performance.now(); await import('${specifier}'); console.log(performance.now() - t);`;
	return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' }));
}

await question(
	'How long does importing take?',
	{ unit: 'ms', better: 'lower', ours: 'nprocs', aim: 'less than 20 ms more than an empty module' },
	{
		nprocs: each(5, () => importCost('nprocs')),
		'an empty module': each(5, () => importCost('data:text/javascript,')),
		'node:child_process': each(5, () => importCost('node:child_process')),
	},
);
