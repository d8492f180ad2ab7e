/**
 * What a client and the server of a manager say to each other: arrays, whose first items are primitive.
 *
 *   client → server   [session, number, Request, …]; a number of 0 wants no answer
 *   server → client   [number, Status, value]
 *
 * Answers come in any order. The first message on a new connection is the server's Hello, a value by itself.
 */

export const Request = {
	/** object id, method, what of the arguments is an AbortSignal, the arguments, one by one */
	call: 0,
	/** typeid, arguments */
	create: 1,
	/** the call of this number is not wanted any more */
	cancel: 2,
	/** object id: one reference less */
	release: 3,
	/**
	 * object id, name: a reference is on its way to another process, and exists as long as that segment, or until it is
	 * claimed
	 */
	sent: 4,
	/** object id, name: the reference has arrived here, and is this client's from now on */
	claim: 5,
	/** stop serving */
	shutdown: 6,
	/** how many objects there are */
	count: 7,
	/** the client's process id */
	introduce: 8,
} as const;

/** Where the arguments begin in a `call`. */
export const ARGUMENTS_FROM = 6;

export const Status = { returned: 0, threw: 1, cancelled: 2 } as const;

/** Where in the arguments the signal stands: argument `index` itself, or its property `signal`. */
export type SignalPlace = readonly [index: number, isProperty: boolean];

export const PROTOCOL_VERSION = 1;

/** The server introduces itself. */
export interface Hello {
	readonly version: number;
	/** Of this very server: another one at the same address has another. */
	readonly uid: string;
	readonly session: number;
	/** On one machine: the streams to talk through from now on. */
	readonly streams: { readonly requests: unknown; readonly replies: unknown } | undefined;
}

/** What the holder of a proxy knows of its object. */
export interface Described {
	readonly id: number;
	readonly typeid: string;
	/** Which class of proxies: `DictProxy`, …; `AutoProxy` for classes of the program. */
	readonly kind: string;
	/** Names of the methods of an AutoProxy. */
	readonly methods?: readonly string[];
	/** What the object looked like when it was described. */
	readonly shown: string;
}

/** Of the server itself: to create objects, and to stop it. */
export function isRequest(message: unknown): message is [session: number, number: number, request: number, ...rest: unknown[]] {
	return Array.isArray(message) && typeof message[0] === 'number' && typeof message[1] === 'number' && typeof message[2] === 'number';
}
