/**
 * Processes of other jobs on a real MPI: those that are spawned, and jobs that meet at a port.
 *
 * What a new communicator does with errors is up to the library where it has not inherited that; here all give codes.
 */
import type { InfoEntries } from '../engine/info.ts';
import type { Jobs, SpawnedProgram } from '../engine/jobs.ts';
import { ERRORS_RETURN_HANDLE } from '../handles.ts';
import { withInfo, withInfos } from './info.ts';
import type { MpiNative } from './mpi-native.ts';

/** MPI_MAX_PORT_NAME of Open MPI and of the standard interface, the longest there is. */
const maxPortName = 1024;

export class RealJobs implements Jobs {
	readonly #mpi: MpiNative;
	readonly #out: Float64Array;

	constructor(mpi: MpiNative, out: Float64Array) {
		this.#mpi = mpi;
		this.#out = out;
	}

	spawn(comm: number, root: number, programs: readonly SpawnedProgram[], codes: Int32Array | null): number {
		const commands = programs.map(({ command }) => command);
		const args = programs.map((program) => program.args);
		const maxprocs = Int32Array.from(programs, (program) => program.maxprocs);
		const infos = programs.map(({ info }) => info);
		return withInfos(this.#mpi, this.#out, infos, (handles) =>
			this.#joined(this.#mpi.spawnAll(programs.length, commands, args, maxprocs, handles, root, comm, codes)),
		);
	}

	commParent(): number {
		return this.#joined(this.#mpi.parentOf());
	}

	commAccept(comm: number, root: number, port: string, info: InfoEntries): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#joined(this.#mpi.acceptAt(port, handle, root, comm)));
	}

	commConnect(comm: number, root: number, port: string, info: InfoEntries): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#joined(this.#mpi.connectTo(port, handle, root, comm)));
	}

	#joined(code: number): number {
		const comm = this.#out[0]!;
		if (code === 0 && comm !== 0) this.#mpi.commSetErrhandler(comm, ERRORS_RETURN_HANDLE);
		return code;
	}

	/** Open MPI 4.1 waits for ever here for a communicator that was merged of two jobs. */
	commDisconnect(comm: number): number {
		this.#mpi.commTestInter(comm);
		const isInter = this.#out[0] === 1;
		return isInter || this.#mpi.abi !== 'openmpi' ? this.#mpi.commDisconnectAll(comm) : this.#mpi.commFree(comm);
	}

	openPort(info: InfoEntries): string | number {
		return this.#named((name) => withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.openPortInto(handle, name)));
	}

	closePort(port: string): number {
		return this.#mpi.closePortNamed(port);
	}

	publishName(service: string, info: InfoEntries, port: string): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.publishUnder(service, handle, port));
	}

	unpublishName(service: string, info: InfoEntries, port: string): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.unpublishUnder(service, handle, port));
	}

	lookupName(service: string, info: InfoEntries): string | number {
		return this.#named((name) => withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.lookupInto(service, handle, name)));
	}

	/** What a call has written as text. */
	#named(call: (name: Uint8Array) => number): string | number {
		const name = new Uint8Array(maxPortName);
		const code = call(name);
		return code === 0 ? Buffer.from(name.subarray(0, name.indexOf(0))).toString() : code;
	}
}
