/** What all communicators can do besides messages and collective operations. */
import { ObjectMessages } from './object-messages.ts';

export abstract class Comm extends ObjectMessages {}
