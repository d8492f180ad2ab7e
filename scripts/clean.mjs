/**
 * Removes what a build made: `node scripts/clean.mjs [folder…]`, without names all but `prebuilds`, which a release
 * needs.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

const named = process.argv.slice(2);
for (const folder of named.length > 0 ? named : ['dist', 'build', 'native/build']) {
	rmSync(resolve(import.meta.dirname, '..', folder), { recursive: true, force: true });
}
