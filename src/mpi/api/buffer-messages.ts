/** Messages between two ranks whose content is the memory of typed arrays: the capitalised methods. */
import { CommBase } from './comm-base.ts';

export abstract class BufferMessages extends CommBase {}
