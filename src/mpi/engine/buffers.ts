export type BufferView = Uint8Array | Exclude<NodeJS.TypedArray, Uint8Array>;
export const IN_PLACE_BUFFER = 1;
export type EngineBuffer = BufferView | null | typeof IN_PLACE_BUFFER;
