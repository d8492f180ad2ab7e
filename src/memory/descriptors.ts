/**
 * Descriptors in messages: how an open socket goes to another process.
 *
 * The kernel passes descriptors through Unix sockets only. Where the channel is one (a socket connection, the control
 * socket of a new process), they travel beside the message's bytes, and the kernel holds them on the way, whoever dies
 * meanwhile. A queue or a pipe in shared memory cannot take them along, and who will take the message out is not known.
 * So the sender *offers* a copy (native/os/handover.h): the message has a ticket, which says where to fetch it. What is
 * offered is held by the sender's process: it is lost when that process dies before the receiver has fetched it.
 *
 * The receiver puts what came, whichever way, where the opener of the handle looks for it by its ticket, and closes
 * what nobody has asked for.
 */
import { ClosedError, TimeoutError } from '../base/errors.ts';
import { lingerWhile } from '../base/linger.ts';
import type { Handle, PassedDescriptor } from '../codec/handle.ts';
import { addon } from '../native/addon.ts';
import { sleepSync } from '../native/descriptor.ts';
import { errno, errnoOf, failedBy, resultOf } from '../native/errno.ts';
import { check, systemError } from '../native/raise.ts';
import { pathOf } from './names.ts';

const addressLength = 16;
/** The thread that answers has nothing else to do: only a stopped process needs so long. */
const fetchTimeoutMs = 10_000;

/** A ticket for one descriptor, to be used once. It says where the descriptor can be fetched, if it is offered. */
export function newTicket(): string {
	return addon().handoverAddress() + addon().random64();
}

export function descriptorsOf(handles: readonly Handle[]): PassedDescriptor[] {
	return handles.map(({ descriptor }) => descriptor).filter((descriptor) => descriptor !== undefined);
}

export function ticketsOf(handles: readonly Handle[]): string[] {
	return descriptorsOf(handles).map(({ ticket }) => ticket);
}

/**
 * To be called before the message is published in a channel (the name of its segment) that cannot take descriptors
 * along. Offers all of them or none.
 */
export function offerAll(handles: readonly Handle[], channel: string): void {
	const offered: string[] = [];
	try {
		for (const { ticket, fd } of descriptorsOf(handles)) {
			check(addon().offerDescriptor(numberOf(ticket), fd, pathOf(channel)), 'send a connection');
			offered.push(ticket);
			stayWhile(hasOffers);
		}
	} catch (error) {
		withdrawAll(offered);
		throw error;
	}
}

/** To be called when the message was not published after all. */
export function withdrawAll(tickets: readonly string[]): void {
	for (const ticket of tickets) addon().withdrawDescriptor(numberOf(ticket));
}

/** Keeps this process from ending while that is so, for a short time at most; see `lingerWhile`. */
export function stayWhile(isNeeded: () => boolean): () => void {
	return lingerWhile(isNeeded, sleepSync);
}

/** How many descriptors are offered here and not fetched yet, in all or for one channel. */
export function countOffers(channel?: string): number {
	return addon().countOffers(channel === undefined ? '' : pathOf(channel));
}

/** What has arrived with the message that is being decoded: a descriptor, or -errno. */
const arrived = new Map<string, number>();

/** For a receiver: runs `decode` with the descriptors that came beside the message, in the order of their tickets. */
export function withArrived<T>(tickets: readonly string[], fds: readonly number[], decode: () => T): T {
	tickets.forEach((ticket, i) => arrived.set(ticket, fds[i] ?? resultOf(errno.EMFILE)));
	try {
		return decode();
	} finally {
		for (const ticket of tickets) drop(ticket);
	}
}

/** As `withArrived`, for descriptors that their sender offers. */
export function withOffered<T>(tickets: readonly string[], decode: () => T): T {
	const fds = tickets.map((ticket) => addon().fetchDescriptor(ticket.slice(0, addressLength), numberOf(ticket), fetchTimeoutMs));
	return withArrived(tickets, fds, decode);
}

/** For openers of handles: the descriptor is the caller's from now on. */
export function takeDescriptor(ticket: string): number {
	const fd = arrived.get(ticket);
	arrived.delete(ticket);
	if (fd === undefined || failedBy(fd, errno.ENOENT)) {
		throw new ClosedError(
			'Cannot receive a connection: nobody offers it any more. It came from another machine, or somebody has received it already.',
		);
	}
	if (fd >= 0) return fd;
	if (failedBy(fd, errno.ECONNREFUSED) || failedBy(fd, errno.ECONNRESET) || failedBy(fd, errno.EPIPE)) {
		throw new ClosedError('Cannot receive a connection: the process that sent it has ended, or it is one of another machine.');
	}
	if (failedBy(fd, errno.ETIMEDOUT))
		throw new TimeoutError('Cannot receive a connection: the process that sent it does not answer. It is stopped.');
	throw systemError(errnoOf(fd), 'receive a connection');
}

function drop(ticket: string): void {
	const fd = arrived.get(ticket);
	if (fd !== undefined && fd >= 0) addon().closeFd(fd);
	arrived.delete(ticket);
}

function numberOf(ticket: string): string {
	return ticket.slice(addressLength);
}

function hasOffers(): boolean {
	return countOffers() > 0;
}
