/**
 * mpi4py's keyword arguments as objects: what the compiler must accept of each, and that it refuses a name that there
 * is not. Compiled with the tests, never run.
 */
import { MPI, MPICommExecutor, MPIPoolExecutor } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const array = new Float64Array(4);
const status = new MPI.Status();
const group = comm.group;
const info = MPI.INFO_NULL;
const errhandler = MPI.ERRORS_RETURN;

// Messages
comm.Send(array, { dest: 1, tag: 2 });
// @ts-expect-error
comm.Send(array, { dest: 1, tags: 2 });
comm.send('value', 1, { tag: 2 });
// @ts-expect-error
comm.send('value', 1, { tags: 2 });
comm.isend('value', { dest: 1, tag: 2 });
// @ts-expect-error
comm.isend('value', { dest: 1, to: 2 });
comm.Recv(array, { source: 1, tag: 2, status });
// @ts-expect-error
comm.Recv(array, { from: 1 });
comm.recv({ source: 1, tag: 2, status });
// @ts-expect-error
comm.recv({ from: 1 });
comm.Irecv(array, { source: 1, tag: 2 });
// @ts-expect-error a request is given its status when it is waited for
comm.Irecv(array, { source: 1, status });
comm.irecv({ source: 1, tag: 2 });
// @ts-expect-error
comm.irecv({ source: 1, status });
comm.Recv_init(array, { source: 1, tag: 2 });
// @ts-expect-error
comm.Recv_init(array, { status });
comm.Sendrecv(array, 1, { sendtag: 1, recvbuf: array, source: 1, recvtag: 1, status });
comm.Sendrecv(array, { dest: 1, sendtag: 1, recvbuf: array, source: 1, recvtag: 1, status });
// @ts-expect-error
comm.Sendrecv(array, 1, { tag: 1 });
comm.Sendrecv_replace(array, { dest: 1, sendtag: 1, source: 1, recvtag: 1, status });
// @ts-expect-error what is received replaces what is sent
comm.Sendrecv_replace(array, 1, { recvbuf: array });
comm.sendrecv('value', { dest: 1, sendtag: 1, source: 1, recvtag: 1, status });
// @ts-expect-error
comm.sendrecv('value', 1, { recvbuf: array });
comm.Probe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.Probe({ from: 1 });
comm.probe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.probe({ from: 1 });
comm.Iprobe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.Iprobe({ from: 1 });
comm.iprobe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.iprobe({ from: 1 });
comm.Mprobe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.Mprobe({ from: 1 });
comm.mprobe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.mprobe({ from: 1 });
comm.Improbe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.Improbe({ from: 1 });
comm.improbe({ source: 1, tag: 2, status });
// @ts-expect-error
comm.improbe({ from: 1 });
MPI.Message.Probe(comm, { source: 1, tag: 2, status });
// @ts-expect-error
MPI.Message.Iprobe(comm, { from: 1 });

// Requests
comm.irecv().wait({ status });
// @ts-expect-error
comm.irecv().Wait({ statuses: [status] });
MPI.Request.Waitall([], { statuses: [status] });
// @ts-expect-error
MPI.Request.Testall([], { status });
MPI.Request.Waitany([], { status });
MPI.Grequest.Start({ query_fn: (answer: MPI.Status) => answer.Set_source(1), free_fn: () => {}, cancel_fn: () => {}, args: [] });
// @ts-expect-error
MPI.Grequest.Start({ query: () => {} });

// Collective operations
comm.Bcast(array, { root: 1 });
// @ts-expect-error
comm.Bcast(array, { from: 1 });
comm.bcast('value', { root: 1 });
// @ts-expect-error
comm.gather('value', { to: 1 });
comm.Reduce(array, array, { op: MPI.SUM, root: 1 });
// @ts-expect-error
comm.Reduce(array, array, { operation: MPI.SUM });
comm.Iallreduce(array, array, { op: MPI.SUM });
// @ts-expect-error
comm.Allreduce(array, array, { root: 1 });
comm.reduce(1, { op: MPI.SUM, root: 1 });
// @ts-expect-error
comm.reduce(1, { sum: MPI.SUM });
comm.Reduce_scatter(array, array, { recvcounts: [1], op: MPI.SUM });
// @ts-expect-error
comm.Reduce_scatter(array, array, { counts: [1] });
comm.Scan(array, array, { op: MPI.SUM });
comm.Barrier_init({ info });
comm.Bcast_init(array, { root: 1, info });
comm.Reduce_init(array, array, { op: MPI.SUM, root: 1, info });
comm.Allreduce_init(array, array, { op: MPI.SUM, info });
comm.Reduce_scatter_init(array, array, { recvcounts: [1], op: MPI.SUM, info });
// @ts-expect-error
comm.Bcast_init(array, { hints: info });

// Communicators, groups, sessions
comm.Split({ color: 1, key: 2 });
// @ts-expect-error
comm.Split({ colour: 1 });
comm.Split_type(MPI.COMM_TYPE_SHARED, { key: 1, info });
// @ts-expect-error
comm.Split_type(MPI.COMM_TYPE_SHARED, { color: 1 });
comm.Create_group(group, { tag: 1 });
comm.Abort({ errorcode: 3 });
// @ts-expect-error
comm.Abort({ code: 3 });
comm.Create_cart([2], { periods: true, reorder: true });
// @ts-expect-error
comm.Create_cart([2], { period: true });
comm.Cart_map([2], { periods: [true] });
// @ts-expect-error
comm.Cart_map([2], { reorder: true });
comm.Create_dist_graph_adjacent([0], [0], { sourceweights: [1], destweights: [1], info, reorder: true });
// @ts-expect-error
comm.Create_dist_graph_adjacent([0], [0], { weights: [1] });
comm.Create_dist_graph([0], [1], [0], { weights: [1], info, reorder: true });
// @ts-expect-error
comm.Create_dist_graph([0], [1], [0], { sourceweights: [1] });
group.Translate_ranks({ ranks: [0], group });
// @ts-expect-error
group.Translate_ranks({ rank: 0 });
MPI.Session.Init({ info, errhandler });
// @ts-expect-error
MPI.Session.Init({ errors: errhandler });
MPI.Intracomm.Create_from_group(group, { stringtag: 'name', info, errhandler });
// @ts-expect-error
MPI.Intracomm.Create_from_group(group, { tag: 'name' });
MPI.Comm.Create_keyval({ copy_fn: true, delete_fn: null, nopython: false });
// @ts-expect-error
MPI.Win.Create_keyval({ copy: true });

// Windows
const win = MPI.Win.Allocate(8, { disp_unit: 8, info, comm });
MPI.Win.Allocate_shared(8, { disp_unit: 8, info, comm });
MPI.Win.Create(array, { disp_unit: 8, info, comm });
// @ts-expect-error
MPI.Win.Create(array, { unit: 8 });
win.Put(array, 1, { target: 3 });
// @ts-expect-error
win.Get(array, 1, { target_disp: 3 });
win.Accumulate(array, 1, { target: [0, 1], op: MPI.SUM });
// @ts-expect-error
win.Accumulate(array, 1, { root: 1 });
win.Fetch_and_op(array, array, 1, { target_disp: 1, op: MPI.SUM });
// @ts-expect-error
win.Fetch_and_op(array, array, 1, { target: 1 });
win.Compare_and_swap(array, array, array, 1, { target_disp: 0 });
win.Lock(0, { lock_type: MPI.LOCK_SHARED, assertion: MPI.MODE_NOCHECK });
// @ts-expect-error
win.Lock(0, { type: MPI.LOCK_SHARED });
win.Fence({ assertion: 0 });
// @ts-expect-error
win.Fence({ assert: 0 });

// Files
const file = MPI.File.Open(comm, 'data', { amode: MPI.MODE_RDONLY, info });
// @ts-expect-error
MPI.File.Open(comm, 'data', { mode: MPI.MODE_RDONLY });
file.Set_view({ disp: 8, etype: MPI.DOUBLE, filetype: MPI.DOUBLE, datarep: 'native', info });
file.Seek(0, { whence: MPI.SEEK_END });
// @ts-expect-error
file.Seek(0, { from: MPI.SEEK_END });
file.Read(array, { status });
// @ts-expect-error
file.Write(array, { statuses: [status] });

// Executors
const half = (x: number): number => x / 2;
const executor = new MPIPoolExecutor({ maxWorkers: 2, initializer: half, initargs: [1], retries: 1, taskTimeout: 1000 });
// @ts-expect-error
new MPIPoolExecutor({ workers: 2 });
executor.map(half, [1], { chunksize: 1, window: 2, unordered: true, timeout: 5, retries: 1, priority: 2, affinity: 'key', onProgress: () => {} });
// @ts-expect-error
executor.map(half, [1], { chunkSize: 1 });
void executor.shutdown({ wait: true, cancel: true });
void MPICommExecutor(comm, { root: 1, maxWorkers: 2 });
// @ts-expect-error
void MPICommExecutor(comm, { rank: 1 });
