/** MPI-IO is for real engines: Node's own `fs` does what one machine needs. Every call says so. */
import type { Files } from '../engine/files.ts';
import { ERR_UNSUPPORTED_OPERATION } from '../constants.ts';
import { EngineWindows } from './engine-windows.ts';

export abstract class EngineFiles extends EngineWindows implements Files {
	fileOpen(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileClose(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileDelete(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileSetSize(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	filePreallocate(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileGetSize(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileSetView(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileRead(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileWrite(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileIread(): number {
		return -ERR_UNSUPPORTED_OPERATION;
	}

	fileIwrite(): number {
		return -ERR_UNSUPPORTED_OPERATION;
	}

	fileSeek(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileGetPosition(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileGetByteOffset(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileGetTypeExtent(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileSetAtomicity(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fileSync(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}
}
