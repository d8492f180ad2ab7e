/** The major version of the V8 that runs this, for what pays with some of them only. */
export const v8Version: number = Number.parseInt(process.versions.v8, 10);
