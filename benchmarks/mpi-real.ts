/**
 * MPI on an installed MPI: what the way from JavaScript to the library costs, beside C and mpi4py on the same library
 * in the same run. The questions are those of the OSU benchmarks: latency, bandwidth, bandwidth both ways, and
 * collective operations of two ranks, each from a byte to 4 MiB.
 */
import { type JobName, series } from './mpi/jobs.js';

const sizes = [1, 8, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const engines: readonly (readonly JobName[])[] = [
	['Open MPI', 'Open MPI, C', 'Open MPI, mpi4py'],
	['MPICH', 'MPICH, C'],
];

for (const names of engines) {
	const [engine] = names;
	const common = { items: sizes, names } as const;
	await series({
		...common,
		what: 'latency',
		title: (bytes) => `${engine}: one way of ${bytes} bytes`,
		aim: (bytes) => (Number(bytes) <= 64 ? '0.7 × the time of mpi4py' : Number(bytes) <= 1024 ? '0.8 × the time of mpi4py' : undefined),
	});
	for (const [what, words] of [
		['bandwidth', 'bandwidth'],
		['bidirectional', 'bandwidth both ways'],
	] as const) {
		await series({
			...common,
			what,
			title: (bytes) => `${engine}: ${words}, messages of ${bytes} bytes, up to 64 under way`,
			aim: (bytes) => (Number(bytes) >= 65_536 ? '0.95 × that in C' : undefined),
			better: 'higher',
		});
	}
	await series({ ...common, what: 'barrier', items: [0], title: () => `${engine}: barrier of 2 ranks` });
	await series({ ...common, what: 'bcast', title: (bytes) => `${engine}: Bcast of ${bytes} bytes` });
	await series({
		...common,
		what: 'allreduce',
		items: sizes.filter((bytes) => bytes >= 8),
		title: (bytes) => `${engine}: Allreduce of ${bytes} bytes of floats`,
	});
}

await series({
	what: 'objects',
	items: ['number', 'string', 'object', 'list'],
	title: (name) => `Open MPI: one way of a small ${name}`,
	aim: () => '0.6 × the time of mpi4py',
	names: ['Open MPI', 'Open MPI, mpi4py'],
});
