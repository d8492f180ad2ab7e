/**
 * A call that needs not wait resolves at once, so a loop of such calls would run in microtasks alone and nothing else of the program would: no timer,
 * no signal handler, no other socket. So one call in so many lets the event loop turn first.
 */
const callsPerTurn = 256;
let calls = 0;

export function isTurnDue(): boolean {
	return ++calls >= callsPerTurn;
}

export function turn(): Promise<void> {
	calls = 0;
	return new Promise((resolve) => {
		setImmediate(resolve);
	});
}
