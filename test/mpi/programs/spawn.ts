/**
 * Processes that ranks start, and jobs that meet at a port. The first argument is the way: `self` and `world` (who
 * starts processes: each rank for itself, or all together), `multiple`, `fails`, `worker-throws`, `ports`, `names`,
 * `refusals` (what an MPI cannot do). With a parent this is one of the processes that were started.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass } from '../helpers/cases.js';

const [way = 'self', root = '0', ...words] = process.argv.slice(2);
const world = MPI.COMM_WORLD;
const program = import.meta.filename;
const parent = MPI.Comm.Get_parent();
if (parent === MPI.COMM_NULL) start();
else if (way === 'worker-throws') fail(parent);
else serve(parent);

function start(): void {
	const ways: Record<string, () => void> = { self, world: together, multiple, fails, ports, names, refusals, 'worker-throws': workerThrows };
	ways[way]!();
	console.log(`rank ${world.rank} is done`);
}

/** What mpi4py's tutorial shows: the master's part. */
function command(workers: MPI.Intercomm, { root, size }: { root: number; size: number }): void {
	assert.deepEqual([workers.is_inter, workers.remote_size], [true, size]);
	workers.Bcast(Int32Array.of(100), root);
	const pi = new Float64Array(1);
	workers.Reduce(null, root === MPI.ROOT ? pi : null, MPI.SUM, root);
	if (root === MPI.ROOT) assert.equal(pi[0]!.toFixed(3), '3.142');
	const places = workers.gather(null, root) as unknown[] | null;
	if (root === MPI.ROOT) {
		assert.deepEqual(
			places,
			Array.from({ length: size }, (_, rank) => ({ rank, size, words: ['a b', 'ü'] })),
		);
	}
	// As many messages each way, of values and of numbers
	const { rank } = workers;
	for (let worker = rank; worker < size; worker += workers.size) {
		workers.send({ to: worker }, worker, 1);
		assert.deepEqual(workers.recv(worker, 2), { from: worker });
		const got = new Float64Array(20_000);
		workers.Recv(got, worker, 3);
		assert.equal(got[19_999], worker);
	}
	assert.deepEqual(
		workers.allgather(`master ${rank}`),
		Array.from({ length: size }, (_, i) => `worker ${i}`),
	);
	assert.equal(workers.allreduce(1), size);
	assert.deepEqual(new Set([...workers.group.Translate_ranks(), ...workers.remote_group.Translate_ranks()]).size, workers.size + size);
	merge(workers);
	workers.Disconnect();
	assert.throws(() => workers.Barrier(), { code: 'ERR_NPROCS_MPI' });
}

/** All in one, in which those who have started the others come first. */
function merge(comm: MPI.Intercomm, { high }: { high: boolean } = { high: false }): void {
	const all = comm.Merge(high);
	assert.equal(all.size, comm.size + comm.remote_size);
	assert.equal(all.rank, high ? comm.remote_size + comm.rank : comm.rank);
	assert.deepEqual(all.allgather(all.rank), [...Array(all.size).keys()]);
	assert.equal(all.group.size, all.size);
	const back = all.Create(all.group.Incl([...Array(all.size).keys()].toReversed()));
	assert.equal(back.rank, all.size - 1 - all.rank);
	back.Free();
	all.Disconnect();
}

function serve(masters: MPI.Intercomm): void {
	const { rank, size } = masters;
	assert.equal(MPI.Comm.Get_parent(), masters);
	assert.deepEqual([size, rank], [world.size, world.rank]);
	const n = new Int32Array(1);
	masters.Bcast(n, Number(root));
	let sum = 0;
	for (let i = rank; i < n[0]!; i += size) sum += 4 / (1 + ((i + 0.5) / n[0]!) ** 2) / n[0]!;
	masters.Reduce(Float64Array.of(sum), null, MPI.SUM, Number(root));
	masters.gather({ rank, size, words }, Number(root));
	const master = rank % masters.remote_size;
	assert.deepEqual(masters.recv(master, 1), { to: rank });
	masters.send({ from: rank }, master, 2);
	masters.Send(new Float64Array(20_000).fill(rank), master, 3);
	assert.equal(masters.allgather(`worker ${rank}`).length, masters.remote_size);
	assert.equal(masters.allreduce(1), masters.remote_size);
	merge(masters, { high: true });
	masters.Disconnect();
	assert.equal(MPI.Comm.Get_parent(), MPI.COMM_NULL);
}

function self(): void {
	const codes: number[] = [7, 7, 7];
	const workers = MPI.COMM_SELF.Spawn(process.execPath, [program, way, '0', 'a b', 'ü'], 2, null, 0, codes);
	assert.deepEqual(codes, [0, 0]);
	command(workers, { root: MPI.ROOT, size: 2 });
}

function together(): void {
	const last = world.size - 1;
	const isRoot = world.rank === last;
	const args = isRoot ? [program, way, String(last), 'a b', 'ü'] : null;
	const workers = world.Spawn(isRoot ? process.execPath : '', { args, maxprocs: 2, root: last });
	command(workers, { root: isRoot ? MPI.ROOT : MPI.PROC_NULL, size: 2 });
}

function multiple(): void {
	const codes: number[][] = [];
	const args = [program, way, '0', 'a b', 'ü'];
	const workers = world.Spawn_multiple([process.execPath, process.execPath], { args: [args, args], maxprocs: [1, 2], errcodes: codes });
	if (world.rank === 0) assert.deepEqual(codes, [[0], [0, 0]]);
	command(workers, { root: world.rank === 0 ? MPI.ROOT : MPI.PROC_NULL, size: 3 });
}

function fails(): void {
	throwsClass([MPI.ERR_SPAWN, MPI.ERR_OTHER], () => MPI.COMM_SELF.Spawn(`${program}.none`));
	assert.equal(MPI.COMM_SELF.allreduce(1), 1);
}

function workerThrows(): void {
	const workers = MPI.COMM_SELF.Spawn(process.execPath, [program, way], 1);
	workers.recv(0);
}

function fail(masters: MPI.Intercomm): never {
	throw new Error(`on purpose, on rank ${masters.rank}`);
}

/** Rank 0 opens a port; the last rank connects to it. */
function ports(): void {
	const own = world.Split(Number(world.rank === world.size - 1), world.rank);
	const isServer = world.rank !== world.size - 1;
	const port = world.bcast(world.rank === 0 ? MPI.Open_port() : null, 0) as string;
	assert.ok(port.length > 0 && port.length < 1024);
	const comm = isServer ? own.Accept(port) : own.Connect(port, { root: 0 });
	assert.deepEqual([comm.size, comm.remote_size], isServer ? [world.size - 1, 1] : [1, world.size - 1]);
	assert.deepEqual(
		comm.remote_group.Translate_ranks(),
		[...Array(world.size).keys()].filter((rank) => (rank === world.size - 1) === isServer),
	);
	assert.equal(comm.allreduce(world.rank), isServer ? world.size - 1 : ((world.size - 1) * (world.size - 2)) / 2);
	comm.Disconnect();
	own.Free();
	if (world.rank === 0) MPI.Close_port(port);
}

function names(): void {
	const service = 'nprocs-test';
	throwsClass(MPI.ERR_NAME, () => MPI.Lookup_name('nprocs-test-none'));
	const port = world.rank === 0 ? MPI.Open_port() : '';
	if (world.rank === 0) MPI.Publish_name(service, port);
	world.Barrier();
	if (world.rank === 1) assert.ok(MPI.Lookup_name(service).length > 0);
	if (world.rank < 2) {
		const comm = world.rank === 0 ? MPI.COMM_SELF.Accept(port) : MPI.COMM_SELF.Connect(MPI.Lookup_name(service));
		assert.equal(comm.allgather(world.rank)[0], 1 - world.rank);
		comm.Disconnect();
	}
	world.Barrier();
	if (world.rank !== 0) return;
	MPI.Unpublish_name(service, port);
	throwsClass(MPI.ERR_NAME, () => MPI.Lookup_name(service));
	MPI.Close_port(port);
}

function refusals(): void {
	const calls = [() => MPI.COMM_SELF.Spawn('true'), () => MPI.COMM_SELF.Connect('nonsense'), () => MPI.Lookup_name('nprocs-test-none')];
	for (const call of calls) throwsClass([MPI.ERR_OTHER, MPI.ERR_SPAWN, MPI.ERR_PORT, MPI.ERR_NAME, MPI.ERR_INTERN], call);
	assert.equal(world.allreduce(1), world.size);
}
