/** How memory crosses the seam (engine.ts): as a view, null for no memory, or the mark of MPI_IN_PLACE. */

export type BufferView = Uint8Array | Exclude<NodeJS.TypedArray, Uint8Array>;
export const IN_PLACE_BUFFER = 1;
export type EngineBuffer = BufferView | null | typeof IN_PLACE_BUFFER;
