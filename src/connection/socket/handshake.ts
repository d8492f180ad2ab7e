/**
 * The proof that both sides know the key, as Python's `multiprocessing.connection` does it: each challenges the other
 * with random bytes and gets their HMAC back; the key itself is never sent. We challenge in the form of Python 3.12 and
 * later, which older ones answer too (with MD5), and answer both forms.
 *
 * Written once for both forms of waiting: a generator says what to send and what to receive, and its driver does it.
 */
import { checkArgument, type Kind } from '../../base/arguments.ts';
import { AuthenticationError } from '../../base/errors.ts';

/** Bytes to send, or the most bytes that the next message may have; the answer to the latter is the message. */
export type HandshakeStep = Uint8Array | number;
export type Handshake = Generator<HandshakeStep, void, Buffer>;

const challengePrefix = Buffer.from('#CHALLENGE#');
const welcome = Buffer.from('#WELCOME#');
const failure = Buffer.from('#FAILURE#');

/** No message of a handshake is longer. */
const MAX_BYTES = 256;
const CHALLENGE_BYTES = 40;
/** A challenge of this length comes from Python 3.11 or older, which knows MD5 only. */
const OLD_CHALLENGE_BYTES = 20;
const MD5_BYTES = 16;
/** Python's names and Node's. */
const digests: ReadonlyMap<string, string> = new Map([
	['md5', 'md5'],
	['sha256', 'sha256'],
	['sha384', 'sha384'],
	['sha3_256', 'sha3-256'],
	['sha3_384', 'sha3-384'],
]);

/** The listener's part. */
export function* authenticateClient(key: Uint8Array): Handshake {
	yield* deliver(key);
	yield* answer(key);
}

/** The client's part. */
export function* authenticateListener(key: Uint8Array): Handshake {
	yield* answer(key);
	yield* deliver(key);
}

/** A key may be empty; absent is something else: then nobody has to prove anything. */
export function keyBytes(authkey: unknown): Uint8Array | undefined {
	if (authkey === undefined || authkey === null) return undefined;
	if (typeof authkey === 'string') return Buffer.from(authkey);
	checkArgument('`authkey`', authkey, aKey);
	return (authkey as Uint8Array).slice();
}

const aKey: Kind = { what: 'a string or bytes', has: (key) => key instanceof Uint8Array && key.slice().length >= 0 };

function* deliver(key: Uint8Array): Handshake {
	const challenge = Buffer.concat([Buffer.from('{sha256}'), crypto().randomBytes(CHALLENGE_BYTES)]);
	yield Buffer.concat([challengePrefix, challenge]);
	const response = yield MAX_BYTES;
	if (!isRight(key, challenge, response)) {
		yield failure;
		throw new AuthenticationError('The peer does not know the key: its answer to the challenge was wrong.');
	}
	yield welcome;
}

function* answer(key: Uint8Array): Handshake {
	const message = yield MAX_BYTES;
	const prefix = message.subarray(0, challengePrefix.length);
	if (!prefix.equals(challengePrefix))
		throw new AuthenticationError('The peer does not follow the protocol: a challenge was expected. Has it a key?');
	const challenge = message.subarray(prefix.length);
	if (challenge.length < OLD_CHALLENGE_BYTES) throw new AuthenticationError(`The peer's challenge is too short: ${challenge.length} bytes.`);
	const name = digestName(challenge, OLD_CHALLENGE_BYTES);
	if (name === undefined) throw new AuthenticationError('The peer wants a digest that is not supported.');
	const digest = hmac(name === '' ? 'md5' : name, key, challenge);
	yield name === '' ? digest : Buffer.concat([Buffer.from(`{${name}}`), digest]);
	const verdict = yield MAX_BYTES;
	if (!verdict.equals(welcome)) throw new AuthenticationError('The peer has rejected our key.');
}

function isRight(key: Uint8Array, challenge: Buffer, response: Buffer): boolean {
	const name = digestName(response, MD5_BYTES);
	if (name === undefined) return false;
	const digest = name === '' ? response : response.subarray(name.length + 2);
	const expected = hmac(name === '' ? 'md5' : name, key, challenge);
	return digest.length === expected.length && crypto().timingSafeEqual(digest, expected);
}

/** What the `{…}` before a message names; '' for the old form, which is known by its length; undefined for neither. */
function digestName(message: Buffer, oldLength: number): string | undefined {
	if (message.length === oldLength) return '';
	const end = message[0] === 0x7b ? message.indexOf(0x7d) : -1;
	const name = message.toString('latin1', 1, Math.max(1, end));
	return end > 0 && digests.has(name) ? name : undefined;
}

function hmac(name: string, key: Uint8Array, message: Uint8Array): Buffer {
	return crypto().createHmac(digests.get(name)!, key).update(message).digest();
}

/** Loaded when it is wanted: it would be a good part of what importing this package costs. */
function crypto(): typeof import('node:crypto') {
	return process.getBuiltinModule('node:crypto');
}
