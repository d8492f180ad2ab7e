/** Windows, as the seam wants them (engine/windows.ts). */
import type { Windows } from '../engine/windows.ts';
import { ERR_UNSUPPORTED_OPERATION } from '../constants.ts';
import { EngineTypes } from './engine-types.ts';

export abstract class EngineWindows extends EngineTypes implements Windows {
	winCreate(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	winAllocate(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	winAllocateShared(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	winCreateDynamic(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	winMemory(): ArrayBuffer {
		return new ArrayBuffer(0);
	}

	winSharedQuery(): ArrayBuffer {
		return new ArrayBuffer(0);
	}

	winFree(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	put(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	get(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	accumulate(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	getAccumulate(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	fetchAndOp(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	compareAndSwap(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	rput(): number {
		return -ERR_UNSUPPORTED_OPERATION;
	}

	rget(): number {
		return -ERR_UNSUPPORTED_OPERATION;
	}

	raccumulate(): number {
		return -ERR_UNSUPPORTED_OPERATION;
	}

	rgetAccumulate(): number {
		return -ERR_UNSUPPORTED_OPERATION;
	}

	fence(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	lock(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	unlock(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	lockAll(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	unlockAll(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	flush(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	flushAll(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	flushLocal(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	flushLocalAll(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	winSync(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	post(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	startAccess(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	completeAccess(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	waitExposure(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	testExposure(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}
}
