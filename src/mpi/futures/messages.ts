/**
 * What the root of an executor and its workers say to each other, as messages of values on a communicator of their own.
 * A worker gets its tasks in the order in which they were sent, and runs one at a time; what it says about one comes in
 * order, too.
 */
import type { FunctionDefinition } from '../../task/task-function.ts';

export const orderTag = 0;
export const replyTag = 1;

/** Runs once in a worker, before the first task of the executor. */
export interface Initializer {
	readonly definition: FunctionDefinition;
	readonly args: readonly unknown[];
}

export type Order =
	| {
			readonly kind: 'task';
			readonly id: number;
			readonly executor: number;
			/** With the first task of an executor that has one. */
			readonly initializer?: Initializer;
			readonly fn: number;
			readonly name: string;
			/** When the worker has not got the function yet. */
			readonly definition?: FunctionDefinition;
			/** Of each item. */
			readonly calls: readonly (readonly unknown[])[];
			/** Of the first one. */
			readonly index: number;
			readonly attempt: number;
			/** It is to be said when it begins: its time is limited. */
			readonly isTimed: boolean;
	  }
	/** Nobody wants it any more: what has not begun of it is dropped. */
	| { readonly kind: 'cancel'; readonly id: number }
	| { readonly kind: 'stop' };

/** A value, or what was thrown, encoded for itself, since it may be anything. */
export type Outcome = { readonly value: unknown } | { readonly thrown: Uint8Array };

export type Reply =
	| { readonly kind: 'begun'; readonly id: number }
	/** In the order of the items; those that were dropped are missing. */
	| { readonly kind: 'done'; readonly id: number; readonly outcomes: readonly Outcome[] }
	| { readonly kind: 'progress'; readonly id: number; readonly item: number; readonly value: unknown }
	/** The initializer has failed. */
	| { readonly kind: 'broken'; readonly id: number; readonly executor: number; readonly thrown: Uint8Array };
