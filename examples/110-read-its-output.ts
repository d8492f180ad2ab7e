/** Read what a process prints: with `stdio: 'pipe'` its output comes as streams. */
import { text } from 'node:stream/consumers';
import { Process, isMain } from 'nprocs';

export function report(items: readonly string[]): void {
	for (const item of items) console.log(`checked ${item}`);
	console.error('one warning');
}

if (isMain(import.meta)) {
	const p = new Process({ target: report, args: [['disk', 'network']], stdio: 'pipe' }).start();
	const [stdout, stderr] = await Promise.all([text(p.stdout!), text(p.stderr!), p.join()]);
	console.log({ stdout, stderr, exitCode: p.exitCode });
}
