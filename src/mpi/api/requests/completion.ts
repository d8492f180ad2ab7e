/**
 * Completion of several requests at once, as `Request.Waitall` and its like have it: whether each is one operation of
 * the engine's or many steps.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_IN_STATUS, ERR_OTHER, UNDEFINED } from '../../constants.ts';
import type { Awaited } from '../../engine/requests.ts';
import { Exception } from '../errors/exception.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { engine } from '../environment/lifecycle.ts';
import { clearStatus, Status } from './status.ts';

/** A request, for those who wait for several. */
export interface Completable {
	/** There is nothing to wait for: null, inactive, or its completion was seen before. */
	readonly isIdle: boolean;
	/** The engine's number, where one operation of the engine's is all that is waited for; else below 0. */
	readonly number: number;
	/** Whether it is complete, after what could be done without waiting. Does not throw: errors are seen. */
	poll(): boolean;
	/** Any of these may be what it waits for; none: unknown. */
	awaited(): readonly Awaited[];
	/** Waits until it is complete. Does not throw: errors are seen. `status` holds how it has ended, for `see`. */
	finish(status: Status | undefined): void;
	/** `waitAny` has found it to be complete. */
	took(code: number): void;
	/** The completion is seen: fills the status, and gives what the operation has failed with. */
	see(status: Status | undefined): Error | undefined;
	/** Fills the status, and the completion is not seen. */
	describeTo(status: Status): void;
}

/** A list that is filled, or mpi4py's keyword argument. */
export type Statuses = Status[] | { readonly statuses?: Status[] | null } | null | undefined;

export function waitForAll(requests: readonly Completable[], statuses: Statuses): void {
	const list = statusList(statuses, requests.length);
	for (const request of requests) request.finish(list === undefined ? undefined : new Status());
	seeAll(requests, list);
}

export function testAll(requests: readonly Completable[], statuses: Statuses): boolean {
	let areComplete = true;
	for (const request of requests) areComplete = request.poll() && areComplete;
	if (areComplete) seeAll(requests, statusList(statuses, requests.length));
	return areComplete;
}

/** The place of the one that is complete; UNDEFINED when there is nothing to wait for. */
export function waitForAny(requests: readonly Completable[], status: Status | undefined): number {
	const waited = placed(requests);
	if (waited.length === 0) return seeNone(status);
	return seeOne(waited.find(({ request }) => request.poll()) ?? blockForAny(waited), status);
}

/**
 * The place of one that is complete; UNDEFINED when there is nothing to wait for, undefined when none is complete yet.
 */
export function testAny(requests: readonly Completable[], status: Status | undefined): number | undefined {
	const waited = placed(requests);
	if (waited.length === 0) return seeNone(status);
	const complete = waited.find(({ request }) => request.poll());
	return complete === undefined ? undefined : seeOne(complete, status);
}

/** The places of those that are complete, at least one; undefined when there is nothing to wait for. */
export function waitForSome(requests: readonly Completable[], statuses: Statuses): number[] | undefined {
	const waited = placed(requests);
	if (waited.length === 0) return undefined;
	if (!waited.some(({ request }) => request.poll())) blockForAny(waited);
	return seeSome(waited, statuses);
}

/** The places of those that are complete; undefined when there is nothing to wait for. */
export function testSome(requests: readonly Completable[], statuses: Statuses): number[] | undefined {
	const waited = placed(requests);
	return waited.length === 0 ? undefined : seeSome(waited, statuses);
}

/** As testAll, but nothing is seen. */
export function statusOfAll(requests: readonly Completable[], statuses: Statuses): boolean {
	let areComplete = true;
	for (const request of requests) areComplete = request.poll() && areComplete;
	if (areComplete) describeAll(requests, statuses);
	return areComplete;
}

/** As testAny, but nothing is seen. */
export function statusOfAny(requests: readonly Completable[], status: Status | undefined): number | undefined {
	const waited = placed(requests);
	if (waited.length === 0) return seeNone(status);
	const complete = waited.find(({ request }) => request.poll());
	if (status !== undefined) complete?.request.describeTo(status);
	return complete?.place;
}

/** As testSome, but nothing is seen. */
export function statusOfSome(requests: readonly Completable[], statuses: Statuses): number[] | undefined {
	const waited = placed(requests);
	if (waited.length === 0) return undefined;
	const complete = waited.filter(({ request }) => request.poll());
	describeAll(
		complete.map(({ request }) => request),
		statuses,
	);
	return complete.map(({ place }) => place);
}

function describeAll(requests: readonly Completable[], statuses: Statuses): void {
	statusList(statuses, requests.length)?.forEach((status, i) => requests[i]!.describeTo(status));
}

interface Placed {
	readonly request: Completable;
	readonly place: number;
}

/** Those that there is something to wait for, with their places. */
function placed(requests: readonly Completable[]): Placed[] {
	return requests.flatMap((request, place) => (request.isIdle ? [] : [{ request, place }]));
}

function blockForAny(waited: readonly Placed[]): Placed {
	const numbers = waited.map(({ request }) => request.number);
	if (numbers.every((number) => number >= 0)) {
		const code = engine().waitAny(numbers);
		const found = waited[engine().out[0]!]!;
		found.request.took(code);
		return found;
	}
	let found: Placed | undefined;
	engine().block(
		() => (found = waited.find(({ request }) => request.poll())) !== undefined,
		() => {
			const awaited = waited.map(({ request }) => request.awaited());
			return awaited.some(({ length }) => length === 0) ? [] : awaited.flat();
		},
	);
	return found!;
}

function seeNone(status: Status | undefined): number {
	if (status !== undefined) clearStatus(status);
	return UNDEFINED;
}

function seeOne({ request, place }: Placed, status: Status | undefined): number {
	const error = request.see(status);
	if (error !== undefined) throw error;
	return place;
}

function seeSome(waited: readonly Placed[], statuses: Statuses): number[] {
	const complete = waited.filter(({ request }) => request.poll());
	seeAll(
		complete.map(({ request }) => request),
		statusList(statuses, complete.length),
	);
	return complete.map(({ place }) => place);
}

function seeAll(requests: readonly Completable[], statuses: readonly Status[] | undefined): void {
	let first: { readonly place: number; readonly error: Error } | undefined;
	let failures = 0;
	for (let place = 0; place < requests.length; place++) {
		const status = statuses?.[place];
		const error = requests[place]!.see(status);
		if (error === undefined) continue;
		failures++;
		first ??= { place, error };
		if (status !== undefined) status.error = error instanceof Exception ? error.error_class : ERR_OTHER;
	}
	if (first === undefined) return;
	const others = failures === 1 ? '' : `, and ${failures - 1} more`;
	throw new Exception(ERR_IN_STATUS, {
		text: `request ${first.place} of the list has failed${others}: ${first.error.message}`,
		cause: first.error,
	});
}

/** The caller's list, with a Status for each request. */
function statusList(given: Statuses, count: number): Status[] | undefined {
	if (given === undefined || given === null) return undefined;
	const statuses = keywordOr<Status[] | null>('The call', 'statuses', { given, byDefault: null });
	if (statuses === undefined || statuses === null) return undefined;
	if (!Array.isArray(statuses)) throw new ArgumentError(`Expected \`statuses\` to be an array, which is filled, got ${describe(statuses)}.`);
	statuses.length = count;
	for (let i = 0; i < count; i++) if (!(statuses[i] instanceof Status)) statuses[i] = new Status();
	return statuses;
}
