/**
 * The engine that stands on an installed MPI. Functions whose arguments are the seam's own are the addon's, with
 * nothing between; the rest is in the files beside this one, a concept each.
 */
import { isStartedByLauncher } from '../../process/start/mpi-launchers.ts';
import { APPNUM, TAG_UB, UNIVERSE_SIZE, WTIME_IS_GLOBAL } from '../constants.ts';
import type { BufferView } from '../engine/buffers.ts';
import type { Collectives } from '../engine/collectives.ts';
import type { Environment } from '../engine/environment.ts';
import type { PointToPoint } from '../engine/point-to-point.ts';
import type { Windows } from '../engine/windows.ts';
import { IN_COMM, IN_COUNT, IN_MODE, IN_RANK, IN_RECEIVED_ADDRESS, IN_SENT_ADDRESS, IN_TAG, IN_TYPE } from '../engine/shared-numbers.ts';
import type { Engine } from '../engine.ts';
import { COMM_WORLD_HANDLE } from '../handles.ts';
import { letOutputArrive, RealCommunicators } from './communicators.ts';
import { RealDatatypes } from './datatypes.ts';
import { RealFiles } from './files.ts';
import { RealJobs } from './jobs.ts';
import { KnownAddress } from './known-address.ts';
import type { MpiNative, MpiRegisters } from './mpi-native.ts';
import { Poller } from './poller.ts';
import { RealRequests } from './requests.ts';
import { RealWindows } from './windows.ts';
import { withoutFaults } from './without-faults.ts';

export interface Surroundings {
	/** What the library has granted: THREAD_*. */
	readonly threadLevel: number;
	/** Processors that this process may use. */
	readonly cpus: number;
}

const collectives = [
	'barrier',
	'bcast',
	'gather',
	'gatherv',
	'scatter',
	'scatterv',
	'allgather',
	'allgatherv',
	'alltoall',
	'alltoallv',
	'alltoallw',
	'reduce',
	'allreduce',
	'reduceScatterBlock',
	'reduceScatter',
	'scan',
	'exscan',
	'neighborAllgather',
	'neighborAllgatherv',
	'neighborAlltoall',
	'neighborAlltoallv',
	'neighborAlltoallw',
] as const satisfies readonly (keyof Collectives)[];

/** For a library that has been started. */
export function realEngine(mpi: MpiNative, registers: MpiRegisters, { threadLevel, cpus }: Surroundings): Engine {
	const { status, out } = registers;
	const world = worldSize(mpi, out);
	const poller = new Poller({ spins: world <= cpus });
	const requests = new RealRequests(mpi, out, poller);
	const functions = {
		...mpi,
		...bound(new RealCommunicators(mpi, out, requests)),
		...bound(new RealDatatypes(mpi, out)),
		...bound(new RealFiles(mpi, out, requests)),
		...bound(new RealJobs(mpi, out)),
		...bound(new RealWindows(mpi, out)),
		...bound(requests),
		...pointToPoint(mpi, registers.in, requests),
		...oneSided(mpi, requests),
		...environment(mpi, { out, threadLevel, requests, poller }),
		status,
		out,
		blocking: withoutFaults(mpi, out, Object.fromEntries(collectives.map((name) => [name, mpi[name]])) as unknown as Collectives),
		nonblocking: withoutFaults(
			mpi,
			out,
			Object.fromEntries(collectives.map((name) => [name, holding(mpi[`i${name}`] as Start, requests)])) as unknown as Collectives,
		),
	};
	// As a prototype, since V8 keeps those fast however many properties they have.
	return Object.create(functions) as Engine;
}

function worldSize(mpi: MpiNative, out: Float64Array): number {
	mpi.commGroup(COMM_WORLD_HANDLE);
	const group = out[0]!;
	mpi.groupSize(group);
	const size = out[0]!;
	mpi.groupFree(group);
	return size;
}

/** The methods of an object, as functions that need no `this`. */
function bound<T extends object>(part: T): Pick<T, keyof T> {
	const names = Object.getOwnPropertyNames(Object.getPrototypeOf(part)).filter((name) => name !== 'constructor') as (keyof T & string)[];
	return Object.fromEntries(names.map((name) => [name, (part[name] as (...args: unknown[]) => unknown).bind(part)])) as unknown as Pick<T, keyof T>;
}

type Start = (...args: unknown[]) => number;

/** What makes a request keeps its arguments as long as that. */
function holding<A extends unknown[]>(start: (...args: A) => number, requests: RealRequests): (...args: A) => number {
	return (...args) => requests.hold(start(...args), args);
}

type OwnPointToPoint = Pick<PointToPoint, 'send' | 'isend' | 'recv' | 'irecv' | 'mprobeRecv' | 'imrecv' | 'attachBuffer'>;

function pointToPoint(mpi: MpiNative, input: Float64Array, requests: RealRequests): OwnPointToPoint {
	let attached: BufferView | null = null;
	// What is written to `input` is written out each time: where V8 makes a call of it, the numbers become objects.
	const sent = new KnownAddress(mpi, input, IN_SENT_ADDRESS);
	const received = new KnownAddress(mpi, input, IN_RECEIVED_ADDRESS);
	return {
		send: (buffer, count, type, dest, tag, comm, mode) => {
			input[IN_COUNT] = count;
			input[IN_TYPE] = type;
			input[IN_RANK] = dest;
			input[IN_TAG] = tag;
			input[IN_COMM] = comm;
			input[IN_MODE] = mode;
			return sent.isOf(buffer) ? mpi.sendKnown() : mpi.send(buffer);
		},
		recv: (buffer, count, type, source, tag, comm) => {
			input[IN_COUNT] = count;
			input[IN_TYPE] = type;
			input[IN_RANK] = source;
			input[IN_TAG] = tag;
			input[IN_COMM] = comm;
			return received.isOf(buffer) ? mpi.recvKnown() : mpi.recv(buffer);
		},
		mprobeRecv: (buffer, count, source, tag, comm) => {
			input[IN_COUNT] = count;
			input[IN_RANK] = source;
			input[IN_TAG] = tag;
			input[IN_COMM] = comm;
			return mpi.mprobeRecv(buffer);
		},
		isend: (buffer, count, type, dest, tag, comm, mode) => {
			input[IN_COUNT] = count;
			input[IN_TYPE] = type;
			input[IN_RANK] = dest;
			input[IN_TAG] = tag;
			input[IN_COMM] = comm;
			input[IN_MODE] = mode;
			return requests.hold(mpi.isend(buffer), buffer);
		},
		irecv: (buffer, count, type, source, tag, comm) => requests.holdReceive(mpi.irecv(buffer, count, type, source, tag, comm), buffer),
		imrecv: (buffer, count, type, message) => requests.hold(mpi.imrecv(buffer, count, type, message), buffer),
		attachBuffer: (buffer) => {
			if (buffer === null && attached === null) return 0;
			const code = buffer === null ? mpi.bufferDetach() : mpi.bufferAttach(buffer, buffer.byteLength);
			if (code === 0) attached = buffer;
			return code;
		},
	};
}

function oneSided(mpi: MpiNative, requests: RealRequests): Pick<Windows, 'rput' | 'rget' | 'raccumulate' | 'rgetAccumulate'> {
	return {
		rput: holding(mpi.rput, requests),
		rget: holding(mpi.rget, requests),
		raccumulate: holding(mpi.raccumulate, requests),
		rgetAccumulate: holding(mpi.rgetAccumulate, requests),
	};
}

interface EnvironmentParts {
	readonly out: Float64Array;
	readonly threadLevel: number;
	readonly requests: RealRequests;
	readonly poller: Poller;
}

function environment(mpi: MpiNative, { out, threadLevel, requests, poller }: EnvironmentParts): Environment {
	const attribute = (keyval: number): number | undefined => {
		mpi.attribute(COMM_WORLD_HANDLE, keyval);
		return out[0] === 1 ? out[1]! : undefined;
	};
	const libraryVersion = mpi.libraryVersion().replace(/\0.*$/s, '').trim();
	mpi.getVersion();
	return {
		name: mpi.abi,
		version: [out[0]!, out[1]!],
		libraryVersion,
		vendor: vendorOf(libraryVersion),
		processorName: mpi.processorName(),
		threadLevel,
		tagUb: attribute(TAG_UB) ?? 32767,
		universeSize: isMpichAlone(mpi) ? undefined : attribute(UNIVERSE_SIZE),
		appnum: attribute(APPNUM),
		wtimeIsGlobal: attribute(WTIME_IS_GLOBAL) === 1,
		sharesMemory: false,
		wtime: () => mpi.wtime(),
		wtick: () => mpi.wtick(),
		errorClass: (code) => mpi.errorClass(code),
		errorString: (code) => mpi.errorString(code),
		finalize: () => {
			requests.cancelReceives();
			poller.close();
			mpi.finalizeLibrary();
		},
		leave: (code) => {
			letOutputArrive(mpi);
			mpi.commAbort(COMM_WORLD_HANDLE, code);
		},
	};
}

/**
 * A process that MPICH's launcher has not started: asked for its universe, MPICH starts an `mpiexec` then, and waits
 * for ever when that is another MPI's.
 */
function isMpichAlone({ abi }: MpiNative): boolean {
	return abi !== 'openmpi' && !isStartedByLauncher('mpich');
}

/** As mpi4py names them. */
function vendorOf(version: string): Environment['vendor'] {
	const numbers = /(\d+)\.(\d+)(?:\.(\d+))?/
		.exec(version)
		?.slice(1)
		.map((text) => Number(text ?? 0)) as [number, number, number] | undefined;
	const name = vendors.find((vendor) => version.includes(vendor)) ?? 'unknown';
	return [name, numbers ?? [0, 0, 0]];
}

const vendors = ['Open MPI', 'Intel MPI', 'MVAPICH', 'MPICH'];
