/**
 * What the compiler must accept and refuse of MPI's collective operations, datatypes, operations, topologies and
 * windows. Compiled with the tests, never run.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const array = new Float64Array(4);

// Buffers
comm.Bcast(array);
comm.Bcast([array, 2, MPI.DOUBLE], { root: 1 });
comm.Gather(array, comm.rank === 0 ? array : null);
comm.Gather(MPI.IN_PLACE, array, 0);
comm.Scatter(null, MPI.IN_PLACE);
comm.Gatherv(array, [array, [1, 2], [0, 1], MPI.DOUBLE] as const);
comm.Scatterv([array, Int32Array.of(1, 2)], array);
comm.Allgatherv(array, [
	array,
	[
		[1, 2],
		[0, 1],
	],
	MPI.DOUBLE,
]);
comm.Alltoallw([array, [1], [0], [MPI.DOUBLE]], [array, [MPI.DOUBLE]]);
comm.Allreduce(array, array, MPI.SUM);
comm.Allreduce(MPI.IN_PLACE, array, { op: MPI.MAX });
comm.Reduce(array, null, MPI.SUM, 1);
comm.Reduce(array, null, { op: MPI.SUM, root: 1 });
comm.Reduce_scatter(array, array, [1, 2], MPI.SUM);
comm.Reduce_scatter(array, array, { recvcounts: [1, 2] });
// @ts-expect-error the buffer of a broadcast is not in place
comm.Bcast(MPI.IN_PLACE);
// @ts-expect-error what is received into cannot lie elsewhere
comm.Allreduce(array, MPI.IN_PLACE);
// @ts-expect-error a function is no operation on buffers
comm.Allreduce(array, array, (a: number, b: number) => a + b);
// @ts-expect-error a list is no buffer
comm.Bcast([1, 2, 3]);
// @ts-expect-error all ranks need a buffer to receive into
comm.Allgather(array, null);

// Requests
const request: MPI.Request = comm.Iallreduce(array, array);
await request;
const awaited: Promise<void> = Promise.resolve(request);
void awaited;

// Persistent requests
const repeated: MPI.Prequest = comm.Bcast_init(array, { root: 1, info: MPI.INFO_NULL });
comm.Allreduce_init(array, array, MPI.MAX, MPI.INFO_NULL);
comm.Reduce_scatter_init(array, array, { recvcounts: [1, 2], op: MPI.SUM });
// @ts-expect-error an operation has no root where all receive
comm.Allreduce_init(array, array, { root: 0 });
repeated.Start();

// Values
const sum: number = comm.allreduce(comm.rank);
const joined: string = comm.allreduce('a', (a, b) => a + b);
const located: readonly [number, number] = comm.allreduce([1, 2] as const, MPI.MAXLOC);
const reduced: number | null = comm.reduce(1, MPI.SUM, 0);
const all: { x: number }[] = comm.allgather({ x: 1 });
const gathered: string[] | null = comm.gather('a');
const item: number = comm.scatter([1, 2, 3]);
const own: Map<string, number> = comm.bcast(new Map([['a', 1]]));
const before: number | null = comm.exscan(1);
const swapped: Date[] = comm.alltoall([new Date()]);
// @ts-expect-error the result is of the values' type
const wrong: string = comm.allreduce(1);
// @ts-expect-error a reducer of another type
comm.allreduce(1, (a: string, b: string) => a + b);
// @ts-expect-error others get null
const notThere: number = comm.reduce(1);
// @ts-expect-error a list is needed
comm.scatter(7);
void [sum, joined, located, reduced, all, gathered, item, own, before, swapped, wrong, notThere];

// Operations
const reducer: MPI.Reducer<number> = MPI.SUM;
const three: number = MPI.SUM(1, 2);
const max: number = [1, 2].reduce(MPI.MAX);
const composed: MPI.Op = MPI.Op.Create((a: Float64Array, inout: Float64Array, type) => {
	inout[0]! += a[0]! + (type?.size ?? 0);
}, true);
// @ts-expect-error values of different types
MPI.SUM(1, 'a');
void [reducer, three, max, composed];

// Datatypes
const vector: MPI.Datatype = MPI.DOUBLE.Create_vector(2, 1, 3).Commit();
MPI.Datatype.Create_struct([1, 1], [0, 8], [MPI.INT, MPI.DOUBLE]);
MPI.INT.Create_darray(1, 0, [4], [MPI.DISTRIBUTE_BLOCK], [MPI.DISTRIBUTE_DFLT_DARG], [1], { order: MPI.ORDER_F });
const matched: MPI.Datatype = MPI.Datatype.Match_size(MPI.TYPECLASS_REAL, 8);
void matched;
MPI.INT.Create_subarray([4, 4], [2, 2], [1, 1], { order: MPI.ORDER_FORTRAN });
// @ts-expect-error the datatypes are missing
MPI.Datatype.Create_struct([1], [0]);
const bounds: [number, number] = vector.Get_extent();
void bounds;

// Topologies
const cart: MPI.Cartcomm = comm.Create_cart([2, 2], [true, false], true);
const [source, dest]: [number, number] = cart.Shift(0, 1);
const part: MPI.Cartcomm = cart.Sub([true, false]);
const graph: MPI.Graphcomm = comm.Create_graph([1], [0]);
const dist: MPI.Distgraphcomm = comm.Create_dist_graph_adjacent([0], [0], { reorder: true });
const inter: MPI.Intercomm = comm.Create_intercomm(0, comm, 1);
const merged: MPI.Intracomm = inter.Merge(true);
const isNull: boolean = cart === MPI.COMM_NULL;
cart.Neighbor_alltoall(array, array);
const neighbors: number[] = cart.neighbor_allgather(1);
// @ts-expect-error only ranks with a topology have neighbours
comm.Neighbor_alltoall(array, array);
// @ts-expect-error between two groups there is no scan
inter.Scan(array, array);
void [source, dest, part, graph, dist, merged, isNull, neighbors];

// Windows
const win: MPI.Win = MPI.Win.Allocate(80, { disp_unit: 8, comm });
win.Put(array, 1);
win.Put(array, 1, 3);
win.Put(array, 1, [3, 4, MPI.DOUBLE]);
win.Accumulate(array, 1, { op: MPI.MAX });
win.Fence({ assertion: MPI.MODE_NOPRECEDE });
win.Lock_all({ assertion: 0 });
win.Start(comm.group, { assertion: 0 });
// @ts-expect-error a name that there is not
win.Post(comm.group, { assert: 0 });
win.Compare_and_swap(array, array, array, 1, { target_disp: 0 });
win.Lock(0, MPI.LOCK_SHARED);
win.Lock(0, { lock_type: MPI.LOCK_SHARED });
const done: MPI.Request = win.Rget(array, 1);
const [memory, unit]: [ArrayBuffer | SharedArrayBuffer, number] = win.Shared_query(0);
// @ts-expect-error the target is missing
win.Put(array);
void [done, memory, unit];

// Files
const file: MPI.File = MPI.File.Open(comm, 'data', { amode: MPI.MODE_RDONLY });
file.Read_at(0, array);
file.Read(array, { status: new MPI.Status() });
file.Set_view({ disp: 8, etype: MPI.DOUBLE, filetype: vector });
file.Seek(0, { whence: MPI.SEEK_END });
// @ts-expect-error a name that there is not
file.Set_view({ offset: 8 });
file.Write_all_begin(array);
file.Write_all_end(array, { status: null });
