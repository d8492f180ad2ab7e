/** Messages of values: anything that the codec takes. The lower-case methods. */
import { BufferMessages } from './buffer-messages.ts';

export abstract class ObjectMessages extends BufferMessages {}
