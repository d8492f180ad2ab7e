/**
 * MPI on an installed MPI: what the way from JavaScript to the library costs, beside C and mpi4py on the same library
 * in the same run. The questions are those of the OSU benchmarks: latency, bandwidth, bandwidth both ways, and
 * collective operations of two ranks, each from a byte to 4 MiB.
 */
import type { JobName } from './mpi/jobs.js';
import { series, type Aim } from './mpi/series.js';

const sizes = [1, 8, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const engines = [
	['Open MPI', 'Open MPI, C', 'Open MPI, mpi4py'],
	['MPICH', 'MPICH, C'],
] as const satisfies readonly (readonly JobName[])[];

for (const names of engines) {
	const [engine, inC, mpi4py] = names;
	const common = { items: sizes, names } as const;
	await series({
		...common,
		title: `${engine}: latency, one way`,
		what: 'latency',
		aim: (bytes) => (mpi4py === undefined || Number(bytes) > 1024 ? undefined : { beside: mpi4py, quotient: Number(bytes) <= 64 ? 0.7 : 0.8 }),
	});
	const aim = (bytes: number | string): Aim | undefined => (Number(bytes) >= 65_536 ? { beside: inC, quotient: 0.95 } : undefined);
	await series({ ...common, title: `${engine}: bandwidth, up to 64 messages under way`, what: 'bandwidth', aim, better: 'higher' });
	await series({ ...common, title: `${engine}: bandwidth both ways, up to 64 messages under way`, what: 'bidirectional', aim, better: 'higher' });
	await series({ ...common, title: `${engine}: barrier of 2 ranks`, what: 'barrier', items: [0] });
	await series({ ...common, title: `${engine}: Bcast to 2 ranks`, what: 'bcast' });
	await series({ ...common, title: `${engine}: Allreduce of floats of 2 ranks`, what: 'allreduce', items: sizes.filter((bytes) => bytes >= 8) });
}

await series({
	title: 'Open MPI: objects, one way',
	what: 'objects',
	items: ['number', 'string', 'object', 'list'],
	aim: () => ({ beside: 'Open MPI, mpi4py', quotient: 0.6 }),
	names: ['Open MPI', 'Open MPI, mpi4py'],
});
