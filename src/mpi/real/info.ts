/**
 * An MPI_Info for the time of one call, 0 when there is nothing in it. What the call leaves in the registers stays:
 * freeing writes nothing there.
 */
import type { InfoEntries } from '../engine/info.ts';
import type { MpiNative } from './mpi-native.ts';

export function withInfo(mpi: MpiNative, out: Float64Array, entries: InfoEntries, use: (info: number) => number): number {
	if (entries.length === 0) return use(0);
	mpi.infoCreate();
	const info = out[0]!;
	for (const [key, value] of entries) mpi.infoSet(info, key, value);
	const code = use(info);
	mpi.infoFree(info);
	return code;
}
