/** The library's own version, as package.json has it; a test holds that they are the same. */
export const version: readonly [number, number, number] = [0, 1, 0];
