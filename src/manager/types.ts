/** What the compiler knows of a manager's types: typed creators, typed proxies. */
import type { JoinableQueue } from '../queue/joinable-queue.ts';
import type { Queue } from '../queue/queue.ts';
import type { JoinableQueueProxy, QueueProxy } from './proxies/queue-proxies.ts';
import type { BaseProxy, Held } from './proxy.ts';
import type { DictProxy } from './proxies/dict-proxy.ts';
import type { ListProxy, SetProxy } from './proxies/collection-proxies.ts';
import type { GeneratorProxy } from './proxies/iteration.ts';

/** An exported class, or an exported function that returns an object. */
export type Factory = (abstract new (...args: never[]) => object) | ((...args: never[]) => unknown);

/** A class of proxies of the program's. */
export type ProxyClass = (new (held: Held) => BaseProxy) & { readonly name: string };

export interface RegisterOptions {
	/** The methods that clients may call. @default the public ones: those whose names do not begin with "_" */
	exposed?: readonly string[] | undefined;
	/** The class of its proxies, which extends BaseProxy. @default one with the exposed methods */
	proxy?: ProxyClass | undefined;
}

export interface TypeDefinition extends RegisterOptions {
	factory?: Factory | undefined;
}

/** Types by their names. `undefined`: known to the server only. */
export type Definitions = Readonly<Record<string, Factory | TypeDefinition | undefined>>;

/** The methods of a manager that create objects. */
export type Creators<D extends Definitions> = {
	[T in keyof D]: Creator<D[T]>;
} & {
	[T in keyof D as `${T & string}Sync`]: (...args: Parameters<Creator<D[T]>>) => Awaited<ReturnType<Creator<D[T]>>>;
};

type Creator<F> = F extends abstract new (...args: infer A) => infer T
	? (...args: A) => Promise<ProxyOf<T>>
	: F extends (...args: infer A) => infer R
		? (...args: A) => Promise<ProxyOf<Awaited<R>>>
		: F extends { proxy: new (held: Held) => infer P }
			? (...args: unknown[]) => Promise<P>
			: F extends { factory: infer G extends Factory }
				? Creator<G>
				: (...args: unknown[]) => Promise<AnyProxy>;

/** A proxy of which the compiler knows nothing. */
export type AnyProxy = BaseProxy & Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** The proxy of an object of type T. */
export type ProxyOf<T> = T extends BaseProxy
	? T
	: T extends JoinableQueue<infer V>
		? JoinableQueueProxy<V>
		: T extends Queue<infer V>
			? QueueProxy<V>
			: T extends ReadonlyMap<infer K, infer V>
				? DictProxy<K, V>
				: T extends ReadonlySet<infer V>
					? SetProxy<V>
					: T extends readonly (infer V)[]
						? ListProxy<V>
						: AutoProxy<T>;

/** Asynchronous methods and their twins. */
export type AutoProxy<T> = {
	[K in MethodNames<T>]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Returned<R>> : never;
} & {
	[K in MethodNames<T> as `${K}Sync` extends keyof T ? never : `${K}Sync`]: T[K] extends (...args: infer A) => infer R
		? (...args: A) => Returned<R>
		: never;
} & BaseProxy;

type MethodNames<T> = { [K in keyof T]: K extends string ? (T[K] extends (...args: never[]) => unknown ? K : never) : never }[keyof T];

/** What a method's caller gets: iterations take place in the server. */
type Returned<R> = Awaited<R> extends Iterator<infer V> | AsyncIterator<infer V> ? GeneratorProxy<V> : Awaited<R>;
