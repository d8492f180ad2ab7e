/**
 * Names what lies in /dev/shm under the library's names and is nothing of its own; on stderr, since it is no part of
 * what was asked for.
 */
import { listStrangers } from '../memory/inspect.ts';
import { pathOf } from '../memory/names.ts';

export function reportStrangers(): void {
	for (const { name, what } of listStrangers()) console.error(`nprocs: left alone: ${pathOf(name)} is ${what}, no segment of this user.`);
}
