/**
 * The proxy of a namespace: values by names, also as plain properties. `await ns.x` asks the server, `ns.x = 1` tells
 * it; what is told is sent in order, and `await ns.flush()` waits until the server has it.
 *
 * Names that mean something else are no properties of the namespace: the proxy's own, `then` (a namespace can be
 * awaited as any value), and symbols. They are reached by `get` and `set`.
 */
import { ArgumentError } from '../../base/errors.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { BaseProxy, callRemote, heldBy, heldOf, type Held } from '../proxy.ts';

interface NamespaceMethods<P> {
	get<N extends keyof P & string>(name: N): Promise<P[N]>;
	/** As `get`, but blocks this thread. */
	getSync<N extends keyof P & string>(name: N): P[N];
	/** An object with all of it. */
	copy(): Promise<P>;
	/** As `copy`, but blocks this thread. */
	copySync(): P;
	set<N extends keyof P & string>(name: N, value: P[N]): Promise<void>;
	setSync<N extends keyof P & string>(name: N, value: P[N]): void;
	has(name: string): Promise<boolean>;
	hasSync(name: string): boolean;
	/** Whether it was there. */
	delete(name: keyof P & string): Promise<boolean>;
	deleteSync(name: keyof P & string): boolean;
	keys(): Promise<string[]>;
	keysSync(): string[];
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
export interface NamespaceProxy<P = Record<string, unknown>> extends NamespaceMethods<P> {}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging, no-unused-vars
export class NamespaceProxy<P = Record<string, unknown>> extends BaseProxy {
	/** What was told by assignments, and not answered. */
	#told: Promise<unknown> = Promise.resolve();
	#failure: { error: unknown } | undefined;

	constructor(held: Held) {
		super(held);
		return new Proxy(this as object, new Properties(this as never) as ProxyHandler<object>) as never;
	}

	/**
	 * Resolves when the server has what was assigned before; rejects with what the first of these assignments has
	 * failed with.
	 */
	async flush(): Promise<void> {
		await this.#told;
		const failure = this.#failure;
		this.#failure = undefined;
		if (failure !== undefined) throw failure.error;
	}

	/** @internal */
	tell(method: 'set' | 'delete', args: readonly unknown[]): void {
		this.#told = callRemote(this, method, args).then(undefined, (error: unknown) => {
			this.#failure ??= { error };
		});
	}
}
defineProxyClass(NamespaceProxy);

/** Makes properties of what is none of the proxy's own. */
class Properties implements ProxyHandler<NamespaceProxy> {
	readonly #namespace: NamespaceProxy;
	/** Own methods, which must be called on the proxy itself. */
	readonly #bound = new Map<string | symbol, unknown>();

	constructor(namespace: NamespaceProxy) {
		this.#namespace = namespace;
	}

	get(target: NamespaceProxy, name: string | symbol): unknown {
		if (name === heldOf) return heldBy(this.#namespace);
		if (!isOwn(target, name)) return name === 'then' ? undefined : target.get(name as never);
		const value: unknown = Reflect.get(target, name, target);
		if (typeof value !== 'function' || name === 'constructor') return value;
		if (!this.#bound.has(name)) this.#bound.set(name, value.bind(target));
		return this.#bound.get(name);
	}

	set(target: NamespaceProxy, name: string | symbol, value: unknown): boolean {
		if (isOwn(target, name)) throw notAProperty(name);
		target.tell('set', [name, value]);
		return true;
	}

	deleteProperty(target: NamespaceProxy, name: string | symbol): boolean {
		if (isOwn(target, name)) throw notAProperty(name);
		target.tell('delete', [name]);
		return true;
	}

	defineProperty(): boolean {
		return false;
	}
}

function isOwn(target: object, name: string | symbol): boolean {
	return typeof name === 'symbol' || name === 'then' || name in target;
}

function notAProperty(name: string | symbol): ArgumentError {
	return new ArgumentError(
		`Cannot assign or delete \`${String(name)}\` as a property of a namespace: it is a member of the proxy. Use set('${String(name)}', value) and delete('${String(name)}').`,
	);
}
