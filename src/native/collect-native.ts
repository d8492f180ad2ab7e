/** The functions of `native/bind/collect_bind.cc`. Results below 0 are `-errno`. */
export interface CollectNative {
	/** As V8's `gc()`, but the young generation is also made as small as it is in a new process. `-ENOSYS` when the running Node has no such function. */
	collectAllGarbage(): number;
}
