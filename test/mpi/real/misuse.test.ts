/** What programs do that should not: nothing hangs, Node does not crash, and the error is a true one; on each MPI. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { environmentOf, missing, runCommand, runRanks } from '../../helpers/mpi.js';
import { project } from '../../helpers/programs.js';

/** What each of two ranks does, and what it prints. */
const deeds: readonly (readonly [what: string, deed: string, printed: RegExp])[] = [
	[
		'uses MPI after Finalize()',
		`MPI.Finalize();
		for (const call of [() => comm.Barrier(), () => comm.send(1, 0), () => MPI.Init(), () => MPI.Finalize(), () => MPI.Comm.Get_parent()])
			try { call(); console.log('no error'); } catch (error) { console.log(error.code); }`,
		/^(ERR_NPROCS_MPI\n){5}$/,
	],
	[
		'uses MPI in a worker thread',
		`const worker = new Worker("import('nprocs/mpi').then(({ MPI }) => MPI.COMM_WORLD.Barrier())", { eval: true });
		const [error] = await once(worker, 'error');
		console.log(error.message.includes('worker thread'), comm.allreduce(1));`,
		/^true 2\n$/,
	],
	[
		'starts itself with child_process',
		"const inner = spawnSync(process.execPath, [process.argv[1], 'inner'], { encoding: 'utf8' }); console.log(inner.stdout.trim(), inner.stderr, comm.allreduce(1));",
		/^inner 1 {2}2\n$/,
	],
	[
		'handles what is not caught',
		`process.on('uncaughtException', ({ message }) => console.log(message, comm.allreduce(1)));
		await 0; setImmediate(() => { throw new Error('on purpose'); });`,
		/^on purpose 2\n$/,
	],
	[
		'has an error handler that throws',
		`comm.Set_errhandler(MPI.Comm.Create_errhandler(() => { throw new RangeError('mine'); }));
		try { comm.send(1, 99); } catch (error) { console.log(error.name, comm.allreduce(1)); }`,
		/^RangeError 2\n$/,
	],
	[
		'ends while receives are pending',
		"comm.Irecv(new Uint8Array(1), comm.rank, 5); comm.irecv(comm.rank, 6); console.log('the end'); process.exit(0);",
		/^the end\n$/,
	],
	[
		'forgets its requests',
		`for (let i = 0; i < 500; i++) {
			comm.Irecv(new Uint8Array(8), comm.rank, 7);
			comm.Isend(new Uint8Array(8).fill(i), comm.rank, 7);
			if (i % 100 === 0) gc();
		}
		console.log(comm.allreduce(1));`,
		/^2\n$/,
	],
];

const head = `
	import { spawnSync } from 'node:child_process';
	import { once } from 'node:events';
	import { Worker } from 'node:worker_threads';
	import { MPI } from 'nprocs/mpi';
	const comm = MPI.COMM_WORLD;
	if (process.argv[2] === 'inner') { console.log('inner', comm.size); process.exit(); }
	comm.Barrier();\n`;

/** Node passes only standard descriptors on to what it starts; MPICH's launcher gives each rank another one. */
test('a rank of MPICH that a program in between has started says what to do; with -pmi-port it is one', { skip: missing('mpich') }, async () => {
	const folder = project({
		'main.js': "import { MPI } from 'nprocs/mpi'; console.log(MPI.COMM_WORLD.size);",
		'between.js':
			"import { spawnSync } from 'node:child_process'; process.exit(spawnSync(process.execPath, ['main.js'], { stdio: 'inherit' }).status);",
	});
	const { code, stderr } = await runCommand(['mpiexec.mpich', '-n', '2', process.execPath, 'between.js'], { cwd: folder });
	assert.equal(code, 1);
	assert.match(
		stderr,
		/descriptor \d+ \(PMI_FD\), which is no connection here[\s\S]*mpiexec -n 4 node --import tsx[\s\S]*-pmi-port[\s\S]*ERR_NPROCS_NO_MPI/,
	);
	const port = await runCommand(['mpiexec.mpich', '-pmi-port', '-n', '2', process.execPath, 'between.js'], { cwd: folder });
	assert.deepEqual([port.code, port.stdout], [0, '2\n2\n'], port.stderr);
});

for (const engine of ['openmpi', 'mpich'] as const) {
	const skip = missing(engine);
	for (const [what, deed, printed] of deeds) {
		test(`a rank ${what}, ${engine}`, { skip }, async () => {
			const program = join(project({ 'main.js': head + deed }), 'main.js');
			const { code, lines, stderr } = await runRanks(2, program, { engine, nodeFlags: ['--expose-gc'] });
			assert.equal(code, 0, stderr);
			const once = lines.filter((_, i) => i % 2 === 0);
			assert.match(once.map((line) => `${line}\n`).join(''), printed);
			assert.deepEqual(
				once,
				lines.filter((_, i) => i % 2 === 1),
				'both ranks print the same',
			);
		});
	}

	test(`a process that no launcher has started is a world of one, ${engine}`, { skip }, async () => {
		const program = join(
			project({ 'main.js': `${head} console.log(comm.size, MPI.get_vendor()[0], comm.Get_attr(MPI.TAG_UB) > 0);` }),
			'main.js',
		);
		const { code, stdout, stderr } = await runCommand([process.execPath, program], { env: { ...environmentOf(engine), NPROCS_MPI: engine } });
		assert.equal(code, 0, stderr);
		assert.equal(stdout, `1 ${engine === 'openmpi' ? 'Open MPI' : 'MPICH'} true\n`);
	});
}
