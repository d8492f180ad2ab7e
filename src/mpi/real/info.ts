/**
 * An MPI_Info for the time of one call, 0 when there is nothing in it. What the call leaves in the registers stays:
 * freeing writes nothing there.
 */
import type { InfoEntries } from '../engine/info.ts';
import type { MpiNative } from './mpi-native.ts';

export function withInfo(mpi: MpiNative, out: Float64Array, entries: InfoEntries, use: (info: number) => number): number {
	return withInfos(mpi, out, [entries], ([info]) => use(info!));
}

/** The same of several. */
export function withInfos(mpi: MpiNative, out: Float64Array, lists: readonly InfoEntries[], use: (infos: Float64Array) => number): number {
	const infos = Float64Array.from(lists, (entries) => infoOf(mpi, out, entries));
	const code = use(infos);
	for (const info of infos) if (info !== 0) mpi.infoFree(info);
	return code;
}

function infoOf(mpi: MpiNative, out: Float64Array, entries: InfoEntries): number {
	if (entries.length === 0) return 0;
	mpi.infoCreate();
	const info = out[0]!;
	for (const [key, value] of entries) mpi.infoSet(info, key, value);
	return info;
}
