/**
 * `main.mjs PACKAGE WHEN METHOD`: three processes use a package at once. WHEN says where it is opened: `import`, when
 * this module is imported, or `target`. Each prints its number and what it has found.
 */
import { Process, isMain, setStartMethod } from 'nprocs';

const [name, when, method] = process.argv.slice(2);
const { open, use, close } = await import(`./${name}.mjs`);
const opened = when === 'import' ? await open() : undefined;

export async function target(n) {
	const resource = when === 'import' ? opened : await open();
	console.log(n, String(await use(resource, n)));
	await close?.(resource);
}

if (isMain(import.meta)) {
	setStartMethod(method);
	const processes = [1, 2, 3].map((n) => new Process({ target, args: [n] }).start());
	for (const p of processes) {
		const isJoined = await p.join(60_000);
		if (p.exitCode !== 0) console.log(isJoined ? `exit code ${p.exitCode}` : 'hangs');
		if (!isJoined) p.kill();
	}
	if (when === 'import') await close?.(opened);
}
