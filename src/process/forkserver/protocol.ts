/**
 * What a process and the forkserver say to each other over a message socket (SOCK_SEQPACKET).
 *
 * To the forkserver: a start request (start/request.ts), with the descriptors that the child is to have: stdin, stdout,
 * stderr, the control socket and, when the request was too large for a message, the memory file that holds it. From it:
 * an answer, three 32-bit numbers and perhaps a text.
 */

export const answer = {
	/** The forkserver is ready; the text is what its children inherit (inheritance.ts). */
	ready: 0,
	/** id, pid; with a pidfd. */
	started: 1,
	/** pid, exit code. */
	ended: 2,
	/** id (or `anyRequest`), -errno: nothing was started. */
	failed: 3,
	/** The forkserver's own test failed; the text says how. */
	unusable: 4,
	/**
	 * id; nothing was started, and nothing will be: the module that the text names must not be imported in a
	 * forkserver.
	 */
	retired: 5,
} as const;

/** In the place of an id: the request that the client waits for; which one it was could not be read. */
export const anyRequest = 0;

export interface Answer {
	readonly kind: number;
	readonly first: number;
	readonly second: number;
	readonly text: string;
}

/** Requests above this size travel in a memory file: a message must fit into the socket's buffer. */
export const maxInlineRequest = 64 * 1024;

/** Positions in the descriptors that come with a request. */
export const requestFds = { stdin: 0, stdout: 1, stderr: 2, control: 3, memoryFile: 4 } as const;

/** Descriptor of the first client's socket in the forkserver. */
export const forkserverSocketFd = 3;

export function writeAnswer(kind: number, { first = 0, second = 0, text = '' }: Partial<Omit<Answer, 'kind'>>): Uint8Array {
	const out = Buffer.alloc(12 + Buffer.byteLength(text));
	out.writeInt32LE(kind, 0);
	out.writeInt32LE(first, 4);
	out.writeInt32LE(second, 8);
	out.write(text, 12);
	return out;
}

export function readAnswer(bytes: Uint8Array): Answer {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return { kind: buffer.readInt32LE(0), first: buffer.readInt32LE(4), second: buffer.readInt32LE(8), text: buffer.toString('utf8', 12) };
}
