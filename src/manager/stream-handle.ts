/** How a stream goes from a server to its client, through the socket by which they have met. */
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { Stream } from '../stream/stream.ts';

const kind = 'manager:Stream';
const streamKind = 'ManagerStream';

class StreamHandle implements Shareable {
	readonly stream: Stream;

	constructor(stream: Stream) {
		this.stream = stream;
	}

	[toHandle](): Handle {
		const { name } = this.stream.segment;
		return { kind, data: name, segments: [name] };
	}
}

export function sendable(stream: Stream): Shareable {
	return new StreamHandle(stream);
}

export function streamOf(received: unknown): Stream {
	return (received as StreamHandle).stream;
}

export function newStream(): Stream {
	return Stream.create(streamKind, { maxLoadBytes });
}

/** What may be on its way in one direction; a single larger message may too. */
const maxLoadBytes = 4 * 1024 * 1024;

registerKind(kind, (name: string) => new StreamHandle(Stream.open(streamKind, name)));
