/**
 * Calls that cannot be carried out, with the class of the error that each throws: data, for any engine. Where engines
 * disagree, or crash, the strictest answer is the library's, and the same on all.
 *
 * A call is made by every rank at once. None of them reaches another rank, or changes a buffer, a status, or what the
 * communicator does afterwards.
 */
import type { MPI as Module } from 'nprocs/mpi';

type Mpi = typeof Module;

export interface Setting {
	readonly MPI: Mpi;
	/** A duplicate of COMM_WORLD. */
	readonly comm: InstanceType<Mpi['Intracomm']>;
	readonly rank: number;
	readonly size: number;
	/** Of four integers each. */
	readonly buffer: Int32Array;
	readonly other: Int32Array;
	readonly doubles: Float64Array;
	readonly status: InstanceType<Mpi['Status']>;
}

export interface BadCall {
	/** Method, and what is wrong. */
	readonly name: string;
	/** Of MPI.ERR_*; `ArgumentError` where JavaScript's types are wrong. */
	readonly errorClass: string;
	readonly call: (setting: Setting) => unknown;
}

type Row = readonly [name: string, errorClass: string, call: (setting: Setting) => unknown];

/** The lowest number that is no rank, and others. */
const noRanks = (size: number): number[] => [size, 1_000_000, -4, -100];

function each(values: readonly number[], call: (value: number) => unknown): void {
	const thrown: unknown[] = [];
	for (const value of values) {
		try {
			call(value);
		} catch (error) {
			thrown.push(error);
		}
	}
	const classes = new Set(thrown.map((error) => (error as { error_class?: number }).error_class));
	if (thrown.length !== values.length || classes.size !== 1) throw new Error(`not all fail alike: ${thrown.map(String).join(' | ')}`);
	throw thrown[0] as Error;
}

/** So many numbers, from the first one on. */
function countTo(count: number, first: number): number[] {
	return Array.from({ length: count }, (_, i) => first + i);
}

const pointToPoint: readonly Row[] = [
	...(['Send', 'Ssend', 'Bsend', 'Isend', 'Issend', 'Ibsend', 'Send_init', 'Ssend_init'] as const).flatMap((method): Row[] => [
		[`${method}: no such rank`, 'ERR_RANK', ({ comm, buffer, size }) => each(noRanks(size), (dest) => comm[method](buffer, dest))],
		[`${method}: ANY_SOURCE as the destination`, 'ERR_RANK', ({ MPI, comm, buffer }) => comm[method](buffer, MPI.ANY_SOURCE)],
		[`${method}: a negative tag`, 'ERR_TAG', ({ comm, buffer }) => comm[method](buffer, 0, -2)],
		[`${method}: ANY_TAG`, 'ERR_TAG', ({ MPI, comm, buffer }) => comm[method](buffer, 0, MPI.ANY_TAG)],
		[
			`${method}: a tag above TAG_UB`,
			'ERR_TAG',
			({ MPI, comm, buffer }) => comm[method](buffer, 0, (MPI.COMM_WORLD.Get_attr(MPI.TAG_UB)! as number) + 1),
		],
		[`${method}: IN_PLACE`, 'ERR_BUFFER', ({ MPI, comm }) => comm[method](MPI.IN_PLACE as never, 0)],
		[`${method}: a negative count`, 'ERR_COUNT', ({ comm, buffer }) => comm[method]([buffer, -1], 0)],
		[`${method}: more elements than there are`, 'ERR_BUFFER', ({ comm, buffer }) => comm[method]([buffer, 5], 0)],
		[`${method}: DATATYPE_NULL`, 'ERR_TYPE', ({ MPI, comm, buffer }) => comm[method]([buffer, 1, MPI.DATATYPE_NULL], 0)],
		[
			`${method}: a datatype that was not committed`,
			'ERR_TYPE',
			({ MPI, comm, buffer }) => {
				const type = MPI.INT.Create_vector(1, 1, 1);
				try {
					return comm[method]([buffer, 1, type], 0);
				} finally {
					type.Free();
				}
			},
		],
		[
			`${method}: a datatype that was freed`,
			'ERR_TYPE',
			({ MPI, comm, buffer }) => {
				const type = MPI.INT.Create_contiguous(2).Commit();
				type.Free();
				return comm[method]([buffer, 1, type], 0);
			},
		],
		[`${method}: a rank that is no number`, 'ArgumentError', ({ comm, buffer }) => comm[method](buffer, 'zero' as never)],
		[`${method}: no buffer`, 'ArgumentError', ({ comm }) => comm[method]('text' as never, 0)],
		[`${method}: COMM_NULL`, 'ERR_COMM', ({ MPI, buffer }) => MPI.COMM_NULL[method](buffer, 0)],
	]),
	...(['Recv', 'Irecv', 'Recv_init'] as const).flatMap((method): Row[] => [
		[`${method}: no such rank`, 'ERR_RANK', ({ comm, buffer, size }) => each(noRanks(size), (source) => comm[method](buffer, source))],
		[`${method}: a negative tag`, 'ERR_TAG', ({ comm, buffer }) => comm[method](buffer, 0, -2)],
		[`${method}: IN_PLACE`, 'ERR_BUFFER', ({ MPI, comm }) => comm[method](MPI.IN_PLACE as never, 0)],
		[`${method}: a negative count`, 'ERR_COUNT', ({ comm, buffer }) => comm[method]([buffer, -1], 0)],
		[`${method}: more elements than there is room for`, 'ERR_BUFFER', ({ comm, buffer }) => comm[method]([buffer, 5], 0)],
		[`${method}: DATATYPE_NULL`, 'ERR_TYPE', ({ MPI, comm, buffer }) => comm[method]([buffer, 1, MPI.DATATYPE_NULL], 0)],
		[`${method}: COMM_NULL`, 'ERR_COMM', ({ MPI, buffer }) => MPI.COMM_NULL[method](buffer, 0)],
	]),
	...(['Probe', 'Iprobe', 'Mprobe', 'Improbe', 'probe', 'iprobe', 'mprobe', 'improbe'] as const).flatMap((method): Row[] => [
		[`${method}: no such rank`, 'ERR_RANK', ({ comm, size }) => each(noRanks(size), (source) => comm[method](source))],
		[`${method}: a negative tag`, 'ERR_TAG', ({ comm }) => comm[method](0, -2)],
	]),
	...(['send', 'ssend', 'bsend', 'isend', 'issend', 'ibsend'] as const).flatMap((method): Row[] => [
		[`${method}: no such rank`, 'ERR_RANK', ({ comm, size }) => each(noRanks(size), (dest) => comm[method]({ a: 1 }, dest))],
		[`${method}: a negative tag`, 'ERR_TAG', ({ comm }) => comm[method]({ a: 1 }, 0, -2)],
		[`${method}: COMM_NULL`, 'ERR_COMM', ({ MPI }) => MPI.COMM_NULL[method]({ a: 1 }, 0)],
	]),
	['recv: no such rank', 'ERR_RANK', ({ comm, size }) => each(noRanks(size), (source) => comm.recv(source))],
	['recv: a negative tag', 'ERR_TAG', ({ comm }) => comm.recv(0, -2)],
	['irecv: no such rank', 'ERR_RANK', ({ comm, size }) => each(noRanks(size), (source) => comm.irecv(source))],
	['irecv: a negative tag', 'ERR_TAG', ({ comm }) => comm.irecv(0, -2)],
	['Sendrecv: no such destination', 'ERR_RANK', ({ comm, buffer, other, size }) => comm.Sendrecv(buffer, size, 0, other, 0)],
	['Sendrecv: no such source', 'ERR_RANK', ({ comm, buffer, other, size }) => comm.Sendrecv(buffer, 0, 0, other, size)],
	['Sendrecv: a negative tag', 'ERR_TAG', ({ comm, buffer, other, rank }) => comm.Sendrecv(buffer, rank, -5, other, rank)],
	['Sendrecv_replace: no such rank', 'ERR_RANK', ({ comm, buffer, size }) => comm.Sendrecv_replace(buffer, size, 0, 0)],
];

/** Operations with a root. */
const rooted = ['Bcast', 'Gather', 'Scatter', 'Reduce', 'Ibcast', 'Igather', 'Iscatter', 'Ireduce', 'bcast', 'gather', 'scatter', 'reduce'] as const;

function callRooted({ MPI, comm, buffer, other, size }: Setting, method: (typeof rooted)[number], root: number): unknown {
	const all = new Int32Array(buffer.length * size);
	switch (method) {
		case 'Bcast':
		case 'Ibcast':
			return comm[method](buffer, root);
		case 'Gather':
		case 'Igather':
			return comm[method](buffer, all, root);
		case 'Scatter':
		case 'Iscatter':
			return comm[method](all, buffer, root);
		case 'Reduce':
		case 'Ireduce':
			return comm[method](buffer, other, MPI.SUM, root);
		case 'scatter':
			return comm.scatter(Array<number>(size).fill(1), root);
		case 'reduce':
			return comm.reduce(1, MPI.SUM, root);
		default:
			return comm[method](1, root);
	}
}

const collectives: readonly Row[] = [
	...rooted.map((method): Row => {
		return [
			`${method}: no such root`,
			'ERR_ROOT',
			(setting) =>
				each([...noRanks(setting.size), setting.MPI.ANY_SOURCE, setting.MPI.PROC_NULL, setting.MPI.ROOT], (root) =>
					callRooted(setting, method, root),
				),
		];
	}),
	['Bcast: IN_PLACE', 'ERR_BUFFER', ({ MPI, comm }) => comm.Bcast(MPI.IN_PLACE as never, 0)],
	['Bcast: a negative count', 'ERR_COUNT', ({ comm, buffer }) => comm.Bcast([buffer, -1], 0)],
	['Bcast: DATATYPE_NULL', 'ERR_TYPE', ({ MPI, comm, buffer }) => comm.Bcast([buffer, 1, MPI.DATATYPE_NULL], 0)],
	['Bcast: COMM_NULL', 'ERR_COMM', ({ MPI, buffer }) => MPI.COMM_NULL.Bcast(buffer, 0)],
	['Barrier: COMM_NULL', 'ERR_COMM', ({ MPI }) => MPI.COMM_NULL.Barrier()],
	['Allreduce: one buffer for both', 'ERR_BUFFER', ({ MPI, comm, buffer }) => comm.Allreduce(buffer, buffer, MPI.SUM)],
	[
		'Allreduce: buffers that overlap',
		'ERR_BUFFER',
		({ MPI, comm, buffer }) => comm.Allreduce(buffer.subarray(0, 3), buffer.subarray(1, 4), MPI.SUM),
	],
	['Allreduce: IN_PLACE as the result', 'ERR_BUFFER', ({ MPI, comm, buffer }) => comm.Allreduce(buffer, MPI.IN_PLACE as never, MPI.SUM)],
	['Allreduce: OP_NULL', 'ERR_OP', ({ MPI, comm, buffer, other }) => comm.Allreduce(buffer, other, MPI.OP_NULL)],
	['Allreduce: BAND of floats', 'ERR_OP', ({ MPI, comm, doubles }) => comm.Allreduce(doubles, new Float64Array(4), MPI.BAND)],
	['Allreduce: LAND of floats', 'ERR_OP', ({ MPI, comm, doubles }) => comm.Allreduce(doubles, new Float64Array(4), MPI.LAND)],
	['Allreduce: MAXLOC of integers', 'ERR_OP', ({ MPI, comm, buffer, other }) => comm.Allreduce(buffer, other, MPI.MAXLOC)],
	['Allreduce: SUM of BYTE', 'ERR_OP', ({ MPI, comm, buffer, other }) => comm.Allreduce([buffer, 4, MPI.BYTE], [other, 4, MPI.BYTE], MPI.SUM)],
	[
		'Allreduce: MAX of complex numbers',
		'ERR_OP',
		({ MPI, comm, doubles }) => comm.Allreduce([doubles, 2, MPI.C_DOUBLE_COMPLEX], [new Float64Array(4), 2, MPI.C_DOUBLE_COMPLEX], MPI.MAX),
	],
	['Allreduce: REPLACE', 'ERR_OP', ({ MPI, comm, buffer, other }) => comm.Allreduce(buffer, other, MPI.REPLACE)],
	[
		'Allreduce: an operation that was freed',
		'ERR_OP',
		({ MPI, comm, buffer, other }) => {
			const op = MPI.Op.Create(() => undefined, true);
			op.Free();
			return comm.Allreduce(buffer, other, op);
		},
	],
	['Allreduce: two datatypes', 'ERR_TYPE', ({ MPI, comm, buffer, doubles }) => comm.Allreduce([buffer, 4], [doubles, 4], MPI.SUM)],
	['Reduce: BXOR of floats', 'ERR_OP', ({ MPI, comm, doubles }) => comm.Reduce(doubles, new Float64Array(4), MPI.BXOR, 0)],
	['Scan: one buffer for both', 'ERR_BUFFER', ({ MPI, comm, buffer }) => comm.Scan(buffer, buffer, MPI.SUM)],
	['Exscan: OP_NULL', 'ERR_OP', ({ MPI, comm, buffer, other }) => comm.Exscan(buffer, other, MPI.OP_NULL)],
	['Reduce_scatter: too few counts', 'ERR_ARG', ({ MPI, comm, buffer, other }) => comm.Reduce_scatter(buffer, other, [], MPI.SUM)],
	[
		'Reduce_scatter: counts that are not those of the buffer',
		'ERR_COUNT',
		({ MPI, comm, buffer, other, size }) => comm.Reduce_scatter(buffer, other, Array<number>(size).fill(9), MPI.SUM),
	],
	[
		'Allgather: one buffer for both',
		'ERR_BUFFER',
		({ comm, buffer, size }) => comm.Allgather(buffer.subarray(0, 1), size > 4 ? new Int32Array(buffer.buffer) : buffer.subarray(0, size)),
	],
	[
		'Alltoall: one buffer for both',
		'ERR_BUFFER',
		({ comm, size }) => {
			const all = new Int32Array(size);
			return comm.Alltoall(all, all);
		},
	],
	['Alltoallv: too few counts', 'ERR_ARG', ({ comm, buffer, other }) => comm.Alltoallv([buffer, []], [other, []])],
	[
		'Gatherv: a displacement before the buffer',
		'ERR_BUFFER',
		({ comm, buffer, other, size, rank }) =>
			comm.Gatherv(buffer.subarray(0, 1), [other, Array<number>(size).fill(1), Array<number>(size).fill(-1)], rank),
	],
];

const communicators: readonly Row[] = [
	['Split: a negative colour', 'ERR_ARG', ({ comm }) => comm.Split(-7, 0)],
	['Split_type: no such type', 'ERR_ARG', ({ comm }) => comm.Split_type(12345)],
	['Create_cart: more places than ranks', 'ERR_DIMS', ({ comm, size }) => comm.Create_cart([size + 1])],
	['Create_cart: a negative dimension', 'ERR_DIMS', ({ comm }) => comm.Create_cart([-1])],
	['Create_graph: an edge that leads nowhere', 'ERR_TOPOLOGY', ({ comm }) => comm.Create_graph([1], [99])],
	['Create_graph: more nodes than ranks', 'ERR_TOPOLOGY', ({ comm, size }) => comm.Create_graph(countTo(size + 1, 1), countTo(size + 1, 0))],
	['Create_dist_graph_adjacent: no such rank', 'ERR_RANK', ({ comm, size }) => comm.Create_dist_graph_adjacent([size], [])],
	['Create_intercomm: no such leader', 'ERR_RANK', ({ MPI, comm, size }) => comm.Create_intercomm(size, MPI.COMM_WORLD, 0)],
	['Create: GROUP_NULL', 'ERR_GROUP', ({ MPI, comm }) => comm.Create(MPI.GROUP_NULL)],
	['Compute_dims: dimensions that do not fit', 'ERR_DIMS', ({ MPI }) => MPI.Compute_dims(7, [2, 0])],
	['Free: COMM_NULL', 'ERR_COMM', ({ MPI }) => MPI.COMM_NULL.Free()],
	['Dup: COMM_NULL', 'ERR_COMM', ({ MPI }) => MPI.COMM_NULL.Dup()],
	['Get_attr: no such key', 'ERR_KEYVAL', ({ comm }) => comm.Get_attr(123)],
	['Spawn', 'ERR_UNSUPPORTED_OPERATION', ({ comm }) => comm.Spawn('true')],
];

const groups: readonly Row[] = [
	['Group.Incl: no such rank', 'ERR_RANK', ({ comm, size }) => comm.Get_group().Incl([size])],
	['Group.Incl: a rank twice', 'ERR_RANK', ({ comm }) => comm.Get_group().Incl([0, 0])],
	['Group.Excl: no such rank', 'ERR_RANK', ({ comm, size }) => comm.Get_group().Excl([size])],
	['Group.Range_incl: a stride of 0', 'ERR_ARG', ({ comm }) => comm.Get_group().Range_incl([[0, 0, 0]])],
	['Group.Translate_ranks: no such rank', 'ERR_RANK', ({ comm, size }) => comm.Get_group().Translate_ranks([size], comm.Get_group())],
	['Group.Get_size: GROUP_NULL', 'ERR_GROUP', ({ MPI }) => MPI.GROUP_NULL.Get_size()],
	['Group.Union: GROUP_NULL', 'ERR_GROUP', ({ MPI, comm }) => comm.Get_group().Union(MPI.GROUP_NULL)],
];

const others: readonly Row[] = [
	['Info.Get: INFO_NULL', 'ERR_INFO', ({ MPI }) => MPI.INFO_NULL.Get('key')],
	['Info.Set: a key without letters', 'ERR_INFO_KEY', ({ MPI }) => MPI.Info.Create().Set('', 'value')],
	['Info.Set: a key that is too long', 'ERR_INFO_KEY', ({ MPI }) => MPI.Info.Create().Set('k'.repeat(256), 'value')],
	['Info.Set: a value that is too long', 'ERR_INFO_VALUE', ({ MPI }) => MPI.Info.Create().Set('key', 'v'.repeat(1025))],
	['Info.Delete: no such key', 'ERR_INFO_NOKEY', ({ MPI }) => MPI.Info.Create().Delete('key')],
	['Info.Get_nthkey: no such key', 'ERR_ARG', ({ MPI }) => MPI.Info.Create().Get_nthkey(0)],
	['Datatype.Free: a predefined one', 'ERR_TYPE', ({ MPI }) => MPI.INT.Free()],
	['Datatype.Create_contiguous: DATATYPE_NULL', 'ERR_TYPE', ({ MPI }) => MPI.DATATYPE_NULL.Create_contiguous(2)],
	['Datatype.Get_size: DATATYPE_NULL', 'ERR_TYPE', ({ MPI }) => MPI.DATATYPE_NULL.Get_size()],
	['Datatype.Create_contiguous: a negative count', 'ERR_COUNT', ({ MPI }) => MPI.INT.Create_contiguous(-1)],
	['Op.Free: a predefined one', 'ERR_OP', ({ MPI }) => MPI.SUM.Free()],
	['Request.Free: REQUEST_NULL', 'ERR_REQUEST', ({ MPI }) => MPI.REQUEST_NULL.Free()],
	['Request.Cancel: REQUEST_NULL', 'ERR_REQUEST', ({ MPI }) => MPI.REQUEST_NULL.Cancel()],
	[
		'Prequest.Start: one that is under way',
		'ERR_REQUEST',
		({ MPI, comm, buffer }) => {
			const request = comm.Recv_init(buffer, MPI.PROC_NULL);
			request.Start();
			try {
				return request.Start();
			} finally {
				request.Wait();
				request.Free();
			}
		},
	],
	['Message.Recv: MESSAGE_NULL', 'ERR_REQUEST', ({ MPI, buffer }) => MPI.MESSAGE_NULL.Recv(buffer)],
	['Errhandler.Free: a predefined one', 'ERR_ARG', ({ MPI }) => MPI.ERRORS_RETURN.Free()],
	['Set_errhandler: ERRHANDLER_NULL', 'ERR_ARG', ({ MPI, comm }) => comm.Set_errhandler(MPI.ERRHANDLER_NULL)],
];

/** Open MPI 4.1 takes memory of its own then, and sends. */
const notOnOpenMpi: readonly Row[] = [['Bsend: no memory attached', 'ERR_BUFFER', ({ comm, buffer, rank }) => comm.Bsend(buffer, rank)]];

const rows = [...pointToPoint, ...collectives, ...communicators, ...groups, ...others];

/** For this engine: `embedded`, `openmpi`, `mpich`. */
export function badCallsOn(engine: string): readonly BadCall[] {
	return [...rows, ...(engine === 'openmpi' ? [] : notOnOpenMpi)].map(([name, errorClass, call]) => ({ name, errorClass, call }));
}
