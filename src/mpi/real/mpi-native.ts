/**
 * The contract of native/mpi: what a library that has been opened can do. Functions are called as the seam's
 * (engine.ts) wherever their arguments are the same, so that nothing lies between a `Send` and MPI's; others, with
 * MPI's own parameters, are put together in the files beside this one.
 */
import { NprocsError } from '../../base/errors.ts';
import { loadBinary } from '../../native/load-binary.ts';
import type { EngineBuffer } from '../engine/buffers.ts';
import type { Collectives } from '../engine/collectives.ts';
import type { OpFunction } from '../engine/datatypes.ts';
import type { PointToPoint } from '../engine/point-to-point.ts';
import type { Windows } from '../engine/windows.ts';
import { REGISTER_WORDS, STATUS_WORDS } from '../engine/shared-numbers.ts';

/** A function of MPI with its own parameters; communicators and the like are numbers. */
type Plain = (...args: (number | string | EngineBuffer | Int32Array | Float64Array)[]) => number;
type Nonblocking = { [Name in keyof Collectives as `i${Name}`]: Collectives[Name] };
/** Windows: these need more than MPI's function. */
type PutTogether =
	| 'winCreate'
	| 'winAllocate'
	| 'winAllocateShared'
	| 'winCreateDynamic'
	| 'winMemory'
	| 'winSharedQuery'
	| 'winFree'
	| 'post'
	| 'startAccess';

type TypeFunction =
	| 'Contiguous'
	| 'Vector'
	| 'Hvector'
	| 'Indexed'
	| 'Hindexed'
	| 'IndexedBlock'
	| 'HindexedBlock'
	| 'Struct'
	| 'Subarray'
	| 'Resized'
	| 'Dup';
type PlainName =
	| 'bufferAttach'
	| 'bufferDetach'
	| `comm${'Rank' | 'TestInter' | 'Group' | 'RemoteGroup' | 'SetErrhandler' | 'Dup' | 'Idup' | 'Split' | 'SplitType' | 'Free' | 'DisconnectAll' | 'Abort'}`
	| `commCreate${'FromGroup' | 'GroupOf'}`
	| `group${'Size' | 'Incl' | 'Union' | 'Translate' | 'Free'}`
	| `cart${'Create' | 'Sub' | 'Map'}`
	| `graph${'Create' | 'Map'}`
	| `distGraph${'CreateAdjacent' | 'Create' | 'NeighborsCount' | 'Neighbors'}`
	| `intercomm${'Create' | 'Merge'}`
	| 'parentOf'
	| 'acceptAt'
	| 'connectTo'
	| 'openPortInto'
	| 'closePortNamed'
	| 'publishUnder'
	| 'unpublishUnder'
	| 'lookupInto'
	| `type${TypeFunction | 'Commit' | 'Free' | 'Size' | 'Extent' | 'TrueExtent'}`
	| 'packInto'
	| 'unpackFrom'
	| 'packSize'
	| 'opFree'
	| 'reduceLocal'
	| `win${'CreateOn' | 'AllocateAt' | 'AllocateSharedAt' | 'CreateDynamicIn' | 'SharedQueryAt' | 'SetErrhandler' | 'FreeAt' | 'Group' | 'Post' | 'Start'}`
	| `file${'OpenIn' | 'Close' | 'DeleteNamed' | 'SetSize' | 'Preallocate' | 'GetSize' | 'SetViewTo'}`
	| `file${'Read' | 'Write'}${'At' | 'AtAll' | 'Individual' | 'All' | 'Shared' | 'Ordered'}`
	| `fileI${'read' | 'write'}${'At' | 'AtAll' | 'Individual' | 'All' | 'Shared'}`
	| `file${'Seek' | 'GetPosition'}${'Individual' | 'Shared'}`
	| `file${'GetByteOffset' | 'GetTypeExtent' | 'SetAtomicity' | 'Sync'}`
	| `info${'Create' | 'Set' | 'Free'}`
	| 'finalizeLibrary'
	| 'getVersion';

export interface MpiNative
	extends Omit<PointToPoint, 'attachBuffer'>, Omit<Windows, PutTogether>, Collectives, Nonblocking, Record<PlainName, Plain> {
	/** Which binary interface the library has. */
	readonly abi: 'openmpi' | 'mpich' | 'abi';
	/** The `in` registers: count, datatype, destination, tag, communicator, mode. */
	send(buffer: EngineBuffer): number;
	/** As send, of the buffer whose address is in `in[6]`. */
	sendKnown(): number;
	/** As recv, into the buffer whose address is in `in[7]`. */
	recvKnown(): number;
	/** As mprobeRecv of the seam. */
	mprobeRecv(buffer: EngineBuffer): number;
	/** Processes, a list of each: commands, arguments, how many of each, infos; root, communicator, error codes. */
	spawnAll(
		count: number,
		commands: readonly string[],
		args: readonly (readonly string[])[],
		maxprocs: Int32Array,
		infos: Float64Array,
		root: number,
		comm: number,
		codes: Int32Array | null,
	): number;
	/** Of the first byte of a typed array. */
	address(buffer: EngineBuffer): number;
	/** As send. */
	isend(buffer: EngineBuffer): number;
	/** The `in` registers: count, datatype, source, tag, communicator. */
	recv(buffer: EngineBuffer): number;
	wait(request: number): number;
	/** out[0]: whether it is complete. */
	test(request: number): number;
	/** out[0]: its place in the list. */
	waitAny(requests: Int32Array, count: number): number;
	/** 1 when a test would find it complete. */
	isComplete(request: number): number;
	cancel(request: number): number;
	/** out[0]: the thread level. */
	init(): number;
	/** out: handle, place in the table; -1 when that is full. What `fn` throws is an object. */
	opCreate(fn: OpFunction, commutes: number): number;
	opForget(place: number): void;
	/** out: whether there is one, its value. */
	attribute(comm: number, keyval: number): number;
	errorClass(code: number): number;
	errorString(code: number): string;
	libraryVersion(): string;
	processorName(): string;
	wtime(): number;
	wtick(): number;
	/** Memory of MPI's as an ArrayBuffer, until `detach` takes it away. */
	memory(address: number, bytes: number): ArrayBuffer;
	detach(buffer: ArrayBuffer): void;
}

/** What results and some arguments cross in. */
export interface MpiRegisters {
	readonly status: Int32Array;
	readonly out: Float64Array;
	readonly in: Float64Array;
}

export function mpiRegisters(): MpiRegisters {
	return { status: new Int32Array(STATUS_WORDS), out: new Float64Array(REGISTER_WORDS), in: new Float64Array(REGISTER_WORDS) };
}

interface Opener {
	/** Throws with dlopen's words. */
	open(path: string, status: Int32Array, out: Float64Array, input: Float64Array): MpiNative;
}

/** The addon itself, which links to no MPI. */
export function mpiOpener(): Opener {
	const result = loadBinary('nprocs_mpi');
	if ('exports' in result) return result.exports as Opener;
	const reasons = result.failures.map(({ path, error }) => `${path}: ${String((error as Error).message).split('\n', 1)[0]!}`).join('; ');
	throw new NprocsError(`nprocs cannot load the addon that opens an installed MPI (${reasons}). \`npx nprocs build-native\` compiles it.`, {
		code: 'ERR_NPROCS_NO_ADDON',
		cause: result.failures[0]?.error,
	});
}
