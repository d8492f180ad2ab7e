/**
 * A part of a group, for the time of one call. Takes the whole group's handle, which is free afterwards. What the call
 * leaves in the registers stays: freeing writes nothing there.
 */
import type { MpiNative } from './mpi-native.ts';

export function withPartOf(
	mpi: MpiNative,
	out: Float64Array,
	{ whole, ranks }: { whole: number; ranks: Int32Array },
	use: (group: number) => number,
): number {
	const included = mpi.groupIncl(whole, ranks.length, ranks);
	const group = out[0]!;
	mpi.groupFree(whole);
	if (included !== 0) return included;
	const code = use(group);
	mpi.groupFree(group);
	return code;
}
