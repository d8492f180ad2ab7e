/** What all communicators can do besides messages and collective operations. */
import { ObjectCollectives } from './object-collectives.ts';

export abstract class Comm extends ObjectCollectives {}
