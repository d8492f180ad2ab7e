/** What users of the package see of this layer. */
export { Connection } from './connection.ts';
export { JoinableQueue, JoinableQueueReceiver, JoinableQueueSender } from './joinable-queue.ts';
export { connect, connectSync, type ConnectOptions } from './connect.ts';
export { Listener, type ListenerOptions } from './listener.ts';
export { Pipe, type PipeOptions } from './pipe.ts';
export { Queue } from './queue.ts';
export { QueueReceiver } from './queue-receiver.ts';
export { QueueSender } from './queue-sender.ts';
export { SimpleQueue } from './simple-queue.ts';
export { wait, waitSync, type WaitTarget } from './wait.ts';
