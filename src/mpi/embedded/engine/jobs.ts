/** The embedded engine: a job has the ranks that its launcher has started, and is joined by no other. */
import { ERR_UNSUPPORTED_OPERATION, SUCCESS } from '../../constants.ts';
import { EngineFiles } from './files.ts';

export abstract class EngineJobs extends EngineFiles {
	spawn(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	commParent(): number {
		this.out[0] = 0;
		return SUCCESS;
	}

	commAccept(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	commConnect(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	commDisconnect(comm: number): number {
		return this.commFree(comm);
	}

	openPort(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	closePort(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	publishName(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	unpublishName(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	lookupName(): number {
		return ERR_UNSUPPORTED_OPERATION;
	}
}
