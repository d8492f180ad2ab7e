/**
 * What the compiler must accept and refuse of MPI's messages, requests and communicators. Compiled with the tests,
 * never run.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const array = new Float64Array(4);
const status = new MPI.Status();

// Buffers
comm.Send(array, 1);
comm.Send(array, 1, 7);
comm.Send(array, 1, { tag: 7 });
comm.Send(array, { dest: 1, tag: 7 });
comm.Send([array, 2], 1);
comm.Send([array, MPI.DOUBLE], 1);
comm.Send([array, 'd'], 1);
comm.Send([array, 2, MPI.DOUBLE], 1);
comm.Send([array, [2, 1], MPI.DOUBLE], 1);
comm.Send([array.buffer, 2, 1, MPI.DOUBLE], 1);
comm.Send([MPI.BOTTOM, 1, MPI.INT], 1);
comm.Send([array, 2] as const, 1);
comm.Send(new DataView(array.buffer), 1);
comm.Send(Buffer.alloc(4), 1);
comm.Send(null, MPI.PROC_NULL);
comm.Recv(array);
comm.Recv(array, 0, 7, status);
comm.Recv(array, { source: 0, status });
comm.Sendrecv(array, 1, 0, array, 1, 0, status);
comm.Sendrecv(array, 1, { recvbuf: array, source: 1 });
// @ts-expect-error IN_PLACE is for collective operations
comm.Send(MPI.IN_PLACE, 1);
// @ts-expect-error a list of numbers is no buffer
comm.Send([1, 2, 3], 1);
// @ts-expect-error a text is none
comm.Send('text', 1);
// @ts-expect-error a name that there is not
comm.Recv(array, { src: 0 });
// @ts-expect-error where it goes is missing
comm.Send(array);

// Values
comm.send({ any: ['value'] }, 1);
const text: string = comm.recv<string>(0);
const number: number = comm.recv<number>({ source: 0, tag: 3, status });
const reply: string = comm.sendrecv<string>(5, 1, { source: 1 });
const unknown: unknown = comm.recv();
// @ts-expect-error -- what is received is unknown until the program says what it is
const unsaid: string = comm.recv();
// @ts-expect-error -- so it is of a message that was taken
const untaken: string = comm.mprobe().recv();
// @ts-expect-error -- of an exchange
const unexchanged: string = comm.sendrecv(5, 1);
// @ts-expect-error -- of a request
const unrequested: MPI.Request<string> = comm.irecv();
// @ts-expect-error -- and of its value
const unawaited: string = await comm.irecv().wait();
// @ts-expect-error -- and of a message's
const unreceived: MPI.Request<string> = comm.mprobe().irecv();

// Exchanges that are one request, buffers of a communicator
const exchanged: MPI.Request = comm.Isendrecv(array, 1, 0, array, 1, 0);
comm.Isendrecv(array, 1, { recvbuf: array, source: 1 });
comm.Isendrecv_replace(array, { dest: 1, source: 1, sendtag: 2 });
// @ts-expect-error a request has no status to be given before
comm.Isendrecv(array, 1, { recvbuf: array, status });
comm.Attach_buffer(MPI.BUFFER_AUTOMATIC);
const detached: MPI.AttachedBuffer | null = comm.Detach_buffer();
const flushed: MPI.Request = comm.Iflush_buffer();
const generalized: MPI.Grequest = MPI.Grequest.Start((answer: MPI.Status) => answer.Set_source(1));
generalized.Complete();
MPI.Request.Waitall([exchanged], { statuses: [status] });
void [detached, flushed];

// Requests
const sending: MPI.Request = comm.Isend(array, 1);
const receiving: MPI.Request<string> = comm.irecv<string>(0);
const waited: string = receiving.wait();
const [isDone, value] = receiving.test();
const tested: string | undefined = isDone ? (value satisfies string) : (value satisfies undefined);
const awaited: Promise<string> = (async () => receiving)();
const all: string[] = MPI.Request.waitall([receiving, receiving]);
const [index, any]: [number, string | undefined] = MPI.Request.waitany([receiving]);
MPI.Request.Waitall([sending, receiving], [status]);
const persistent: MPI.Prequest = comm.Send_init(array, 1);
persistent.Start();
// @ts-expect-error an ordinary request cannot be started
sending.Start();

// Communicators
const half: MPI.Intracomm = comm.Split(comm.rank % 2, comm.rank);
const copy: MPI.Intracomm = comm.Dup();
const [duplicate, request]: [MPI.Intracomm, MPI.Request] = comm.Idup();
if (half === MPI.COMM_NULL) void half;
const keyval: number = MPI.Comm.Create_keyval((owner, key, given) => (void [owner.rank, key], given));
const attribute: number | null = comm.Get_attr<number>(keyval);
comm.Set_errhandler(MPI.Comm.Create_errhandler((owner, code) => void [owner.name, code]));
const group: MPI.Group = comm.group;
const info = MPI.Info.Create({ key: 'value' });
comm.Dup({ info });
const session: MPI.Session = MPI.Session.Init({ info });
const ofGroup: MPI.Intracomm = MPI.Intracomm.Create_from_group(session.Create_group('mpi://WORLD'), { stringtag: 'name' });
const between: MPI.Intercomm = MPI.Intercomm.Create_from_groups(group, 0, group, 0, 'name');
const places: number[] = group.Translate_ranks({ ranks: [0], group });
// @ts-expect-error a name that there is not
comm.Create_group(group, { key: 1 });
void [ofGroup, between, places];

void [
	text,
	number,
	reply,
	unknown,
	unsaid,
	untaken,
	unexchanged,
	unrequested,
	unawaited,
	unreceived,
	waited,
	awaited,
	all,
	index,
	any,
	copy,
	duplicate,
	request,
	attribute,
	group,
	info,
	tested,
];
