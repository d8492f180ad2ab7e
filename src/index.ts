export * from './base/errors.ts';
export type { Wait } from './base/deadline.ts';
export { registerClass, type ClassHooks } from './codec/class-registry.ts';
export { Queue } from './channel/queue.ts';
export { SimpleQueue } from './channel/simple-queue.ts';
export { Connection } from './channel/connection.ts';
export { Pipe, type PipeOptions } from './channel/pipe.ts';
