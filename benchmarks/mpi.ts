/**
 * MPI without an installed MPI, beside Open MPI: in C, and in Python with mpi4py, on as many ranks. mpi-real.ts has
 * ours on installed MPIs.
 */
import { question } from './harness.js';
import { jobByJob, type JobName, wholeJob } from './mpi/jobs.js';
import { series } from './mpi/series.js';

const names: JobName[] = ['embedded', 'Open MPI, C', 'Open MPI, mpi4py'];
const [inC, mpi4py] = ['Open MPI, C', 'Open MPI, mpi4py'] as const;

await series({
	title: 'Embedded: latency, one way',
	what: 'latency',
	items: [1, 64, 1024, 16_384],
	aim: (bytes) => (Number(bytes) > 1024 ? undefined : { beside: mpi4py, quotient: bytes === 1024 ? 0.8 : 0.7 }),
	names,
});
await series({
	title: 'Embedded: bandwidth, up to 64 messages under way',
	what: 'bandwidth',
	items: [4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304],
	aim: (bytes) => (Number(bytes) >= 16_384 && Number(bytes) <= 1_048_576 ? { beside: inC, quotient: 1 } : undefined),
	names,
	better: 'higher',
});
await series({
	title: 'Embedded: objects, one way',
	what: 'objects',
	items: ['number', 'string', 'object', 'list'],
	names: ['embedded', mpi4py],
});
for (const ranks of [2, 3, 4, 5]) {
	const common = { ranks, names } as const;
	await series({ ...common, title: `Embedded: barrier of ${ranks} ranks`, what: 'barrier', items: [0] });
	await series({ ...common, title: `Embedded: Bcast to ${ranks} ranks`, what: 'bcast', items: [8, 1024, 65_536, 1_048_576] });
	await series({ ...common, title: `Embedded: Allreduce of floats of ${ranks} ranks`, what: 'allreduce', items: [8, 1024, 65_536, 1_048_576] });
	const objects = { ranks, names: ['embedded', mpi4py] } as const;
	await series({ ...objects, title: `Embedded: bcast of an object to ${ranks} ranks`, what: 'bcast-objects', items: ['object'] });
	await series({ ...objects, title: `Embedded: allreduce of a number of ${ranks} ranks`, what: 'allreduce-objects', items: ['number'] });
}

await question(
	'Embedded: average bandwidth of each of 60 jobs, messages of 16 KiB',
	{ unit: 'MB/s', better: 'higher', ours: 'embedded', rounds: 1, aim: 'none below a third of the median' },
	{ embedded: jobByJob('embedded', 60, 'average', '16384') },
);
await question(
	'Embedded: 5 ranks say hello, from the command line to the end',
	{ unit: 'ms', better: 'lower', ours: 'embedded', aim: 'the time of mpi4py' },
	{ embedded: wholeJob('embedded', 5, 'hello'), 'Open MPI, mpi4py': wholeJob('Open MPI, mpi4py', 5, 'hello') },
);
await question(
	'Embedded: 64 ranks start, pass a barrier and end',
	{ unit: 'ms', better: 'lower', ours: 'embedded', rounds: 1 },
	{ embedded: wholeJob('embedded', 64, 'start'), 'Open MPI, C': wholeJob('Open MPI, C', 64, 'start') },
);
