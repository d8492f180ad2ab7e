/**
 * Packages that only some tests use, kept out of the project's own dependencies so that `npm ci` stays quick: each a
 * folder of test/fixtures with a package.json and a lock file, installed into build/private when a test first asks for
 * it, and again when the lock file has changed.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/**
 * A folder with all that stands in `test/fixtures/<name>`, its packages installed and `nprocs` linked to this checkout;
 * or why that cannot be had here, for `skip`: a machine that reaches no registry.
 */
export function privatePackage(name: string): { folder: string; missing?: undefined } | { folder?: undefined; missing: string } {
	const from = join(root, 'test/fixtures', name);
	const folder = join(root, 'build/private', name);
	const wanted = readFileSync(join(from, 'package-lock.json'), 'utf8');
	const stamp = join(folder, 'node_modules/installed.json');
	if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder, { recursive: true });
		for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(from, file), join(folder, file));
		try {
			execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
		} catch (error) {
			return {
				missing: `the packages of test/fixtures/${name} cannot be installed: ${(error as { stderr?: string }).stderr ?? String(error)}`,
			};
		}
		symlinkSync(root, join(folder, 'node_modules/nprocs'));
		copyFileSync(join(from, 'package-lock.json'), stamp);
	}
	cpSync(from, folder, { recursive: true, force: true });
	return { folder };
}
