/** The functions of `native/bind/extent_bind.cc`. Results below 0 are `-errno`; `raise.ts` makes errors of them. */
export interface ExtentNative {
	/**
	 * Reserves memory of a file in /dev/shm; the file grows if it must. Offsets and sizes are in bytes and of whole
	 * pages.
	 */
	reserveExtent(path: string, offset: number, size: number): number;
	/** Unmapped when the buffer is collected. */
	mapExtent(path: string, offset: number, size: number): ArrayBuffer | number;
	/** Gives the memory back; the file keeps its size. */
	releaseExtent(path: string, offset: number, size: number): number;
	/**
	 * The `size` bytes at `dataOffset` of a file, for whoever has received it. Sets the 64 bits at `carrierOffset` to
	 * 0, and the 32 bits at `useOffset` when the buffer has been collected, in a thread that only makes blocking calls,
	 * too. Removes the name if the sender has let go.
	 */
	openCargo(path: string, carrierOffset: number, useOffset: number, dataOffset: number, size: number): ArrayBuffer | number;
	/** What this process has open of it. */
	openCargoBytes(): number;
}
