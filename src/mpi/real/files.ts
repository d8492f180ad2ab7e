/** MPI-IO of a real MPI: which of its functions a read or a write is. */
import { ERR_UNSUPPORTED_OPERATION } from '../constants.ts';
import type { EngineBuffer } from '../engine/buffers.ts';
import { FILE_AT_OFFSET, FILE_INDIVIDUAL, FILE_SHARED, type Files } from '../engine/files.ts';
import type { InfoEntries } from '../engine/info.ts';
import { withInfo } from './info.ts';
import type { MpiNative } from './mpi-native.ts';
import type { RealRequests } from './requests.ts';

export class RealFiles implements Files {
	readonly #mpi: MpiNative;
	readonly #out: Float64Array;
	readonly #requests: RealRequests;

	constructor(mpi: MpiNative, out: Float64Array, requests: RealRequests) {
		this.#mpi = mpi;
		this.#out = out;
		this.#requests = requests;
	}

	fileOpen(comm: number, name: string, mode: number, info: InfoEntries): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.fileOpenIn(comm, name, mode, handle));
	}

	fileClose(file: number): number {
		return this.#mpi.fileClose(file);
	}

	fileDelete(name: string, info: InfoEntries): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.fileDeleteNamed(name, handle));
	}

	fileSetSize(file: number, bytes: number): number {
		return this.#mpi.fileSetSize(file, bytes);
	}

	filePreallocate(file: number, bytes: number): number {
		return this.#mpi.filePreallocate(file, bytes);
	}

	fileGetSize(file: number): number {
		return this.#mpi.fileGetSize(file);
	}

	fileSetView(file: number, displacement: number, elementType: number, fileType: number, representation: string, info: InfoEntries): number {
		return withInfo(this.#mpi, this.#out, info, (handle) =>
			this.#mpi.fileSetViewTo(file, displacement, elementType, fileType, representation, handle),
		);
	}

	fileRead(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		const mpi = this.#mpi;
		if (place === FILE_AT_OFFSET) return (collective ? mpi.fileReadAtAll : mpi.fileReadAt)(file, offset, buffer, count, type);
		if (place === FILE_INDIVIDUAL) return (collective ? mpi.fileReadAll : mpi.fileReadIndividual)(file, buffer, count, type);
		return (collective ? mpi.fileReadOrdered : mpi.fileReadShared)(file, buffer, count, type);
	}

	fileWrite(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		const mpi = this.#mpi;
		if (place === FILE_AT_OFFSET) return (collective ? mpi.fileWriteAtAll : mpi.fileWriteAt)(file, offset, buffer, count, type);
		if (place === FILE_INDIVIDUAL) return (collective ? mpi.fileWriteAll : mpi.fileWriteIndividual)(file, buffer, count, type);
		return (collective ? mpi.fileWriteOrdered : mpi.fileWriteShared)(file, buffer, count, type);
	}

	fileIread(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		const mpi = this.#mpi;
		if (collective && place === FILE_SHARED) return -ERR_UNSUPPORTED_OPERATION;
		const request =
			place === FILE_AT_OFFSET
				? (collective ? mpi.fileIreadAtAll : mpi.fileIreadAt)(file, offset, buffer, count, type)
				: place === FILE_INDIVIDUAL
					? (collective ? mpi.fileIreadAll : mpi.fileIreadIndividual)(file, buffer, count, type)
					: mpi.fileIreadShared(file, buffer, count, type);
		return this.#requests.hold(request, buffer);
	}

	fileIwrite(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		const mpi = this.#mpi;
		if (collective && place === FILE_SHARED) return -ERR_UNSUPPORTED_OPERATION;
		const request =
			place === FILE_AT_OFFSET
				? (collective ? mpi.fileIwriteAtAll : mpi.fileIwriteAt)(file, offset, buffer, count, type)
				: place === FILE_INDIVIDUAL
					? (collective ? mpi.fileIwriteAll : mpi.fileIwriteIndividual)(file, buffer, count, type)
					: mpi.fileIwriteShared(file, buffer, count, type);
		return this.#requests.hold(request, buffer);
	}

	fileSeek(file: number, place: number, offset: number, whence: number): number {
		return (place === FILE_SHARED ? this.#mpi.fileSeekShared : this.#mpi.fileSeekIndividual)(file, offset, whence);
	}

	fileGetPosition(file: number, place: number): number {
		return (place === FILE_SHARED ? this.#mpi.fileGetPositionShared : this.#mpi.fileGetPositionIndividual)(file);
	}

	fileGetByteOffset(file: number, offset: number): number {
		return this.#mpi.fileGetByteOffset(file, offset);
	}

	fileGetTypeExtent(file: number, type: number): number {
		return this.#mpi.fileGetTypeExtent(file, type);
	}

	fileSetAtomicity(file: number, atomic: boolean): number {
		return this.#mpi.fileSetAtomicity(file, Number(atomic));
	}

	fileSync(file: number): number {
		return this.#mpi.fileSync(file);
	}
}
