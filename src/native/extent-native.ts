/** The functions of `native/bind/extent_bind.cc`. Results below 0 are `-errno` (errno.ts). */
export interface ExtentNative {
	/**
	 * Reserves memory of a file in /dev/shm, given by its path or a descriptor; the file grows if it must. Offsets and
	 * sizes are in bytes and of whole pages.
	 */
	reserveExtent(file: string | number, offset: number, size: number): number;
	/** Unmapped when the buffer is collected. */
	mapExtent(file: string | number, offset: number, size: number): ArrayBuffer | number;
	/** Gives the memory back; the file keeps its size. */
	releaseExtent(file: string | number, offset: number, size: number): number;
	/**
	 * The `size` bytes of data of a file, for whoever has received it. `layout` has the offsets of the words in it, and
	 * of the data (native/os/out_of_band.h). Says that no message carries it, and that nobody uses it when the buffer
	 * has been collected, in a thread that only makes blocking calls, too. Removes the name if the sender has let go.
	 */
	openOutOfBand(path: string, size: number, layout: Uint32Array): ArrayBuffer | number;
	/** What this process has open of it. */
	openOutOfBandBytes(): number;
	/**
	 * Unmaps what has been given back and not opened again for so many milliseconds. Whether there may be more to unmap
	 * later.
	 */
	unmapIdleOutOfBand(idleMs: number): boolean;
}
