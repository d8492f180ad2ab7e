/** The functions of `native/bind/extent_bind.cc`. Results below 0 are `-errno`; `raise.ts` makes errors of them. */
export interface ExtentNative {
	/** Reserves memory of a file in /dev/shm; the file grows if it must. Offsets and sizes are in bytes and of whole pages. */
	reserveExtent(path: string, offset: number, size: number): number;
	/** Unmapped when the buffer is collected. */
	mapExtent(path: string, offset: number, size: number): ArrayBuffer | number;
	/** Gives the memory back; the file keeps its size. */
	releaseExtent(path: string, offset: number, size: number): number;
	/** Makes the file `path`, in `directory`, with `head` and then `data` in it; complete before it has its name. */
	writeFile(directory: string, path: string, head: Uint8Array, data: Uint8Array): number;
}
