/** The job's segment on its way to a forked rank: a descriptor among the rank's arguments, since it has no name. */
import { registerKind, toHandle, type Handle, type Shareable } from '../../codec/handle.ts';
import { newTicket, takeDescriptor } from '../../memory/descriptors.ts';

export class JobFile implements Shareable {
	readonly fd: number;

	constructor(fd: number) {
		this.fd = fd;
	}

	[toHandle](): Handle {
		const ticket = newTicket();
		return { kind, data: ticket, segments: [], descriptor: { ticket, fd: this.fd } };
	}
}

const kind = 'mpi:JobFile';
registerKind(kind, (ticket: string) => new JobFile(takeDescriptor(ticket)));
