/** Removes everything that a build made. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

for (const folder of ['dist', 'build', 'native/build', 'prebuilds']) {
	rmSync(resolve(import.meta.dirname, '..', folder), { recursive: true, force: true });
}
