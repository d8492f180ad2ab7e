/**
 * Calls that cannot be carried out, with the class of the error that each throws: data, for any engine. Where engines
 * disagree, or crash, the strictest answer is the library's, and the same on all.
 *
 * A call is made by every rank at once. None of them reaches another rank, or changes a buffer, a status, or what the
 * communicator does afterwards.
 */
import type { MPI as Module } from 'nprocs/mpi';

type Mpi = typeof Module;
type Intracomm = InstanceType<Mpi['Intracomm']>;

export interface Setting {
	readonly MPI: Mpi;
	/** A duplicate of COMM_WORLD. */
	readonly comm: Intracomm;
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

/** Calls that are described and started later, exchanges that are one request, and what belongs to them. */
const laterCalls: readonly Row[] = [
	['Isendrecv: no such destination', 'ERR_RANK', ({ comm, buffer, other, size }) => comm.Isendrecv(buffer, size, 0, other, 0)],
	['Isendrecv: no such source', 'ERR_RANK', ({ comm, buffer, other, size }) => comm.Isendrecv(buffer, 0, 0, other, size)],
	['Isendrecv: a negative tag', 'ERR_TAG', ({ comm, buffer, other }) => comm.Isendrecv(buffer, 0, -3, other, 0)],
	['Isendrecv: IN_PLACE', 'ERR_BUFFER', ({ MPI, comm, other }) => comm.Isendrecv(MPI.IN_PLACE as never, 0, 0, other, 0)],
	['Isendrecv: a keyword that there is not', 'ArgumentError', ({ comm, buffer }) => comm.Isendrecv(buffer, 0, { from: 1 } as never)],
	['Isendrecv_replace: no such rank', 'ERR_RANK', ({ comm, buffer, size }) => comm.Isendrecv_replace(buffer, size, 0, 0)],
	['Isendrecv_replace: DATATYPE_NULL', 'ERR_TYPE', ({ MPI, comm, buffer }) => comm.Isendrecv_replace([buffer, 1, MPI.DATATYPE_NULL], 0, 0, 0)],
	['Psend_init', 'ERR_UNSUPPORTED_OPERATION', ({ comm, buffer }) => comm.Psend_init(buffer, 2, 0)],
	['Precv_init', 'ERR_UNSUPPORTED_OPERATION', ({ comm, buffer }) => comm.Precv_init(buffer, 2, 0)],
	...(['Bcast_init', 'Gather_init', 'Scatter_init', 'Reduce_init'] as const).map((method): Row => {
		return [
			`${method}: no such root`,
			'ERR_ROOT',
			({ MPI, comm, buffer, other, size }) =>
				each(noRanks(size), (root) => {
					const all = new Int32Array(buffer.length * size);
					if (method === 'Bcast_init') return comm.Bcast_init(buffer, root);
					if (method === 'Gather_init') return comm.Gather_init(buffer, all, { root });
					return method === 'Scatter_init' ? comm.Scatter_init(all, buffer, { root }) : comm.Reduce_init(buffer, other, MPI.SUM, root);
				}),
		];
	}),
	['Barrier_init: COMM_NULL', 'ERR_COMM', ({ MPI }) => MPI.COMM_NULL.Barrier_init()],
	['Bcast_init: a keyword that there is not', 'ArgumentError', ({ comm, buffer }) => comm.Bcast_init(buffer, { rank: 0 } as never)],
	['Bcast_init: an info that is none', 'ArgumentError', ({ comm, buffer }) => comm.Bcast_init(buffer, 0, 'info' as never)],
	['Bcast_init: IN_PLACE', 'ERR_BUFFER', ({ MPI, comm }) => comm.Bcast_init(MPI.IN_PLACE as never)],
	['Allreduce_init: one buffer for both', 'ERR_BUFFER', ({ comm, buffer }) => comm.Allreduce_init(buffer, buffer)],
	['Allreduce_init: a function', 'ArgumentError', ({ comm, buffer, other }) => comm.Allreduce_init(buffer, other, (() => 0) as never)],
	['Bcast_init: DATATYPE_NULL', 'ERR_TYPE', ({ MPI, comm, buffer }) => comm.Bcast_init([buffer, 1, MPI.DATATYPE_NULL])],
	['Alltoallv_init: too few counts', 'ERR_ARG', ({ comm, buffer, other }) => comm.Alltoallv_init([buffer, []], [other, []])],
	['Reduce_scatter_init: too few counts', 'ERR_ARG', ({ comm, buffer, other }) => comm.Reduce_scatter_init(buffer, other, [])],
	['Scan_init: BAND of floats', 'ERR_OP', ({ MPI, comm, doubles }) => comm.Scan_init(doubles, new Float64Array(4), MPI.BAND)],
	['Exscan_init: OP_NULL', 'ERR_OP', ({ MPI, comm, buffer, other }) => comm.Exscan_init(buffer, other, { op: MPI.OP_NULL })],
	['Attach_buffer: no memory', 'ArgumentError', ({ comm }) => comm.Attach_buffer('memory' as never)],
	['Attach_buffer: COMM_NULL', 'ERR_COMM', ({ MPI }) => MPI.COMM_NULL.Attach_buffer(new Uint8Array(8))],
	[
		'Bsend: an attached buffer that is too small',
		'ERR_BUFFER',
		({ comm, buffer, rank }) => {
			comm.Attach_buffer(new Uint8Array(16));
			try {
				return comm.Bsend(buffer, rank);
			} finally {
				comm.Detach_buffer();
			}
		},
	],
	['Grequest.Start: no function', 'ArgumentError', ({ MPI }) => MPI.Grequest.Start('fn' as never)],
	['Grequest.Wait: one that is not complete', 'ERR_REQUEST', ({ MPI }) => MPI.Grequest.Start().Wait()],
	['Revoke', 'ERR_UNSUPPORTED_OPERATION', ({ comm }) => comm.Revoke()],
	['Agree: no number', 'ArgumentError', ({ comm }) => comm.Agree('yes' as never)],
	['Iagree: no flag', 'ArgumentError', ({ comm }) => comm.Iagree(new Int32Array(2))],
	['Join', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Comm.Join(0)],
	['Register_datarep', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Register_datarep('mine')],
];

/** What counts on the root alone is wrong there: here each rank is the root. */
const jobs: readonly Row[] = [
	['Spawn: no command', 'ERR_ARG', ({ MPI }) => MPI.COMM_SELF.Spawn('')],
	['Spawn: a command that is no text', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn(['true'] as never)],
	['Spawn: a command with a NUL character', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn('true\0')],
	['Spawn: arguments that are no texts', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn('true', [1] as never)],
	['Spawn: no processes', 'ERR_ARG', ({ MPI }) => MPI.COMM_SELF.Spawn('true', [], 0)],
	['Spawn: half a process', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn('true', { maxprocs: 1.5 })],
	['Spawn: an info that is none', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn('true', [], 1, { wdir: '/' } as never)],
	['Spawn: a keyword that there is not', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn('true', { count: 1 } as never)],
	['Spawn: no such root', 'ERR_ROOT', ({ comm, size }) => comm.Spawn('true', [], 1, null, size)],
	['Spawn: COMM_NULL', 'ERR_COMM', ({ MPI }) => (MPI.COMM_NULL as Intracomm).Spawn('true')],
	['Spawn_multiple: no commands', 'ERR_ARG', ({ MPI }) => MPI.COMM_SELF.Spawn_multiple([])],
	['Spawn_multiple: one command', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Spawn_multiple('true' as never)],
	['Spawn_multiple: lists that do not fit', 'ERR_ARG', ({ MPI }) => MPI.COMM_SELF.Spawn_multiple(['true'], null, [1, 1])],
	['Accept: no port', 'ArgumentError', ({ MPI }) => MPI.COMM_SELF.Accept(undefined as never)],
	['Accept: an empty port', 'ERR_ARG', ({ MPI }) => MPI.COMM_SELF.Accept('')],
	['Connect: no such root', 'ERR_ROOT', ({ comm, size }) => comm.Connect('port', null, size)],
	['Close_port: no port', 'ArgumentError', ({ MPI }) => MPI.Close_port(null as never)],
	['Publish_name: no service', 'ERR_ARG', ({ MPI }) => MPI.Publish_name('', 'port')],
	['Lookup_name: an info that is none', 'ArgumentError', ({ MPI }) => MPI.Lookup_name('service', 5 as never)],
];

/** Real MPIs alone can do them. */
const notOnEmbedded: readonly Row[] = [
	['Spawn', 'ERR_UNSUPPORTED_OPERATION', ({ comm }) => comm.Spawn('true')],
	['Spawn_multiple', 'ERR_UNSUPPORTED_OPERATION', ({ comm }) => comm.Spawn_multiple(['true'])],
	['Accept', 'ERR_UNSUPPORTED_OPERATION', ({ comm }) => comm.Accept('port')],
	['Connect', 'ERR_UNSUPPORTED_OPERATION', ({ comm }) => comm.Connect('port')],
	['Open_port', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Open_port()],
	['Close_port', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Close_port('port')],
	['Publish_name', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Publish_name('service', 'port')],
	['Unpublish_name', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Unpublish_name('service', 'port')],
	['Lookup_name', 'ERR_UNSUPPORTED_OPERATION', ({ MPI }) => MPI.Lookup_name('service')],
];

const sessionsAndTypes: readonly Row[] = [
	['Session.Create_group: no such set', 'ERR_ARG', ({ MPI }) => MPI.Session.Init().Create_group('mpi://NONE')],
	['Session.Create_group: SESSION_NULL', 'ERR_SESSION', ({ MPI }) => MPI.SESSION_NULL.Create_group('mpi://WORLD')],
	['Session.Init: ERRHANDLER_NULL', 'ERR_ARG', ({ MPI }) => MPI.Session.Init(null, MPI.ERRHANDLER_NULL)],
	['Create_from_session_pset: no session', 'ArgumentError', ({ MPI }) => MPI.Group.Create_from_session_pset(null as never, 'mpi://WORLD')],
	['Create_from_group: GROUP_NULL', 'ERR_GROUP', ({ MPI }) => MPI.Intracomm.Create_from_group(MPI.GROUP_NULL)],
	['Create_from_group: a tag that is too long', 'ERR_ARG', ({ MPI, comm }) => MPI.Intracomm.Create_from_group(comm.group, 'x'.repeat(300))],
	['Create_from_groups: no such leader', 'ERR_RANK', ({ MPI, comm, size }) => MPI.Intercomm.Create_from_groups(comm.group, size, comm.group, 0)],
	['Create_from_groups: a rank in both', 'ERR_GROUP', ({ MPI, comm }) => MPI.Intercomm.Create_from_groups(comm.group, 0, comm.group, 0)],
	['Create_darray: no such rank', 'ERR_RANK', ({ MPI }) => MPI.INT.Create_darray(2, 2, [4], [MPI.DISTRIBUTE_BLOCK], [2], [2])],
	['Create_darray: blocks that are too small', 'ERR_ARG', ({ MPI }) => MPI.INT.Create_darray(2, 0, [4], [MPI.DISTRIBUTE_BLOCK], [1], [2])],
	['Create_darray: DATATYPE_NULL', 'ERR_TYPE', ({ MPI }) => MPI.DATATYPE_NULL.Create_darray(1, 0, [4], [MPI.DISTRIBUTE_NONE], [1], [1])],
	['Match_size: no such size', 'ERR_ARG', ({ MPI }) => MPI.Datatype.Match_size(MPI.TYPECLASS_REAL, 3)],
	['Match_size: no such class', 'ERR_ARG', ({ MPI }) => MPI.Datatype.Match_size(99, 4)],
	['Create_f90_integer: too many digits', 'ERR_ARG', ({ MPI }) => MPI.Datatype.Create_f90_integer(40)],
	['Create_f90_real: neither', 'ERR_ARG', ({ MPI }) => MPI.Datatype.Create_f90_real(MPI.UNDEFINED, MPI.UNDEFINED)],
	['Pack_external: no such representation', 'ERR_ARG', ({ MPI, buffer, other }) => MPI.INT.Pack_external('native', buffer, other, 0)],
	['Pack_external: no room', 'ERR_BUFFER', ({ MPI, buffer, other }) => MPI.INT.Pack_external('external32', buffer, other, 4)],
	['Unpack_external: too short', 'ERR_BUFFER', ({ MPI, buffer, other }) => MPI.INT.Unpack_external('external32', buffer, 4, other)],
	['Pack_external_size: a negative count', 'ERR_COUNT', ({ MPI }) => MPI.INT.Pack_external_size('external32', -1)],
	['Win.Fence: WIN_NULL', 'ERR_WIN', ({ MPI }) => MPI.WIN_NULL.Fence({ assertion: 0 })],
	['Win.Lock_all: a keyword that there is not', 'ArgumentError', ({ MPI }) => MPI.WIN_NULL.Lock_all({ assert: 0 } as never)],
	['File.Open: a keyword that there is not', 'ArgumentError', ({ MPI, comm }) => MPI.File.Open(comm, 'none', { mode: 2 } as never)],
	['File.Seek: FILE_NULL', 'ERR_FILE', ({ MPI }) => MPI.FILE_NULL.Seek(0, { whence: MPI.SEEK_SET })],
	['File.Read_all_begin: FILE_NULL', 'ERR_FILE', ({ MPI, buffer }) => MPI.FILE_NULL.Read_all_begin(buffer)],
	['File.Write_ordered_end: FILE_NULL', 'ERR_FILE', ({ MPI, buffer }) => MPI.FILE_NULL.Write_ordered_end(buffer)],
	['Create_cart: a keyword that there is not', 'ArgumentError', ({ comm }) => comm.Create_cart([1], { period: true } as never)],
	['Create_group: a keyword that there is not', 'ArgumentError', ({ comm }) => comm.Create_group(comm.group, { key: 1 } as never)],
	['Split_type: a keyword that there is not', 'ArgumentError', ({ MPI, comm }) => comm.Split_type(MPI.COMM_TYPE_SHARED, { color: 1 } as never)],
	['Op.Create: a keyword that there is not', 'ArgumentError', ({ MPI }) => MPI.Op.Create(() => undefined, { commutes: true } as never)],
	['Translate_ranks: a keyword that there is not', 'ArgumentError', ({ comm }) => comm.group.Translate_ranks({ rank: [0] } as never)],
	['Send: BOTTOM', 'ERR_BUFFER', ({ MPI, comm }) => comm.Send([MPI.BOTTOM, 1, MPI.INT], 0)],
];

const rows = [...pointToPoint, ...collectives, ...communicators, ...groups, ...others, ...laterCalls, ...jobs, ...sessionsAndTypes];

/** For this engine: `embedded`, `openmpi`, `mpich`. */
export function badCallsOn(engine: string): readonly BadCall[] {
	const own = { embedded: [...notOnOpenMpi, ...notOnEmbedded], openmpi: [], mpich: notOnOpenMpi }[engine] ?? [];
	return [...rows, ...own].map(([name, errorClass, call]) => ({ name, errorClass, call }));
}
