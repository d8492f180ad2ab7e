/** Proxies in the process that has the objects: their calls reach them directly, and values are not copied. */
import { ProcessError } from '../base/errors.ts';
import type { Handle } from '../codec/handle.ts';
import { Call } from './call.ts';
import type { SignalPlace } from './protocol.ts';
import type { CallOptions, Held, MethodCall, Transport } from './proxy.ts';
import type { Session } from './session.ts';

interface Host {
	readonly uid: string;
	readonly self: Session;
	begin(call: Call, asked: { id: number; method: string; args: unknown[]; place: SignalPlace | undefined }): void;
	/** As the program gets it. */
	localResult(value: unknown): unknown;
}

interface Begun {
	readonly args: readonly unknown[];
	readonly options: CallOptions | undefined;
	readonly settle: (value: unknown) => void;
	readonly fail: (error: unknown) => void;
}

export class LocalTransport implements Transport {
	readonly isHere = true;
	readonly #host: Host;
	/** How a proxy leaves this process by other ways than the manager's; the server says how. */
	makeOutsideHandle: ((held: Held) => Handle) | undefined;

	constructor(host: Host) {
		this.#host = host;
	}

	get uid(): string {
		return this.#host.uid;
	}

	call(id: number, { method, args, options }: MethodCall): Promise<unknown> {
		return new Promise((resolve, reject) => {
			this.#begin(id, method, { args, options, settle: (value) => resolve(this.#host.localResult(value)), fail: reject });
		});
	}

	callSync(id: number, { method, args, options }: MethodCall): unknown {
		let outcome: { value: unknown } | { error: unknown } | undefined;
		const call = this.#begin(id, method, { args, options, settle: (value) => (outcome = { value }), fail: (error) => (outcome = { error }) });
		if (outcome === undefined) {
			call.end('cancelled');
			throw new ProcessError(
				`Cannot wait for ${method}() by its Sync form in the manager's own process: it would block the server, which is to answer. Use the asynchronous form.`,
				{ code: 'ERR_NPROCS_WOULD_BLOCK' },
			);
		}
		if ('error' in outcome) throw (outcome as { error: unknown }).error;
		return this.#host.localResult((outcome as { value: unknown }).value);
	}

	#begin(id: number, method: string, { args, options, settle, fail }: Begun): Call {
		const signal = options?.deadline?.signal;
		const onAbort = (): void => call.end('cancelled');
		const done = (): void => signal?.removeEventListener('abort', onAbort);
		const call = new Call(this.#host.self, 0, {
			answer: (_call, value) => (done(), settle(value)),
			fail: (_call, error) => (done(), fail(error)),
			cancel: () => (done(), fail(signal?.reason)),
		});
		signal?.addEventListener('abort', onAbort, { once: true });
		this.#host.begin(call, { id, method, args: [...args], place: options?.signalPlace });
		return call;
	}

	outsideHandle(held: Held): Handle {
		return this.makeOutsideHandle!(held);
	}

	letGo(): void {
		// The garbage collector does it.
	}
}
