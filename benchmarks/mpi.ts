/**
 * MPI without an installed MPI, beside Open MPI: in C, and in Python with mpi4py, on the same two ranks. mpi-real.ts
 * has ours on installed MPIs.
 *
 * A sample is the best of many batches, each of which is over in less than a time slice: ranks of all contenders spin,
 * so what else a machine does stops them for milliseconds.
 */
import { question } from './harness.js';
import { type JobName, series, wholeJob } from './mpi/jobs.js';

const names: JobName[] = ['embedded', 'Open MPI, C', 'Open MPI, mpi4py'];

await series({
	what: 'latency',
	items: [1, 64, 1024, 16_384],
	title: (bytes) => `One way of ${bytes} bytes`,
	aim: (bytes) => (Number(bytes) <= 1024 ? `${bytes === '1024' ? 0.8 : 0.7} × the time of mpi4py` : undefined),
	names,
});
await series({
	what: 'bandwidth',
	items: [16_384, 65_536, 262_144, 1_048_576],
	title: (bytes) => `Bandwidth: messages of ${bytes} bytes, up to 64 under way`,
	aim: () => 'that of Open MPI in C',
	names,
	better: 'higher',
});
await series({
	what: 'objects',
	items: ['object'],
	title: () => 'One way of an object { a, b }',
	names: ['embedded', 'Open MPI, mpi4py'],
});

await question(
	'5 ranks say hello, from the command line to the end',
	{ unit: 'ms', better: 'lower', ours: 'embedded', aim: 'the time of mpi4py' },
	{ embedded: wholeJob('embedded', 5, 'hello'), 'Open MPI, mpi4py': wholeJob('Open MPI, mpi4py', 5, 'hello') },
);
await question(
	'64 ranks start, pass a barrier and end',
	{ unit: 'ms', better: 'lower', ours: 'embedded', rounds: 1 },
	{ embedded: wholeJob('embedded', 64, 'start'), 'Open MPI, C': wholeJob('Open MPI, C', 64, 'start') },
);
