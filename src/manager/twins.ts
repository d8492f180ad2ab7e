/** Methods and their twins that block the thread. */
export type WithTwins<M> = M & {
	[K in keyof M as `${K & string}Sync`]: M[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};
