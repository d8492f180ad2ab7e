export * from './base/errors.ts';
export type { Wait } from './base/deadline.ts';
