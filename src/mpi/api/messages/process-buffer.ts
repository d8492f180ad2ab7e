/** Memory for the buffered sends of all communicators that have none of their own. */
import { ERR_BUFFER } from '../../constants.ts';
import type { BufferView } from '../../engine/buffers.ts';
import { check, fail } from '../arguments/check.ts';
import { viewOf } from '../buffers/memory-view.ts';
import { observed } from '../environment/observed.ts';
import { engine, whenLeft } from '../environment/lifecycle.ts';
import { DoneOperation } from '../requests/operation.ts';
import { Request } from '../requests/request.ts';
import {
	type AttachedBuffer,
	attachAutomatic,
	BUFFER_AUTOMATIC,
	BufferAutomatic,
	detachAutomatic,
	flushAutomatic,
	flushingAutomatic,
} from './buffered-sends.ts';

/**
 * Memory for buffered sends (`Bsend`): each takes what its message has, and MPI.BSEND_OVERHEAD. The memory is MPI's
 * until it is detached. MPI.BUFFER_AUTOMATIC (or null): as much as they need.
 */
export function Attach_buffer(buf: AttachedBuffer | null): void {
	if (attached !== undefined) fail(ERR_BUFFER, 'Cannot attach a second buffer for buffered sends: detach the first one.');
	if (buf === null || buf instanceof BufferAutomatic) {
		attachAutomatic();
		attached = { buf: BUFFER_AUTOMATIC, view: undefined };
		return;
	}
	const view = viewOf(buf);
	check(observed('Attach_buffer', () => engine().attachBuffer(view)));
	attached = { buf, view };
}

/** Waits until all that was sent from it is under way, and gives the memory back; null when there is none. */
export function Detach_buffer(): AttachedBuffer | null {
	if (attached === undefined) return null;
	const { buf, view } = attached;
	if (view === undefined) detachAutomatic();
	else check(observed('Detach_buffer', () => engine().attachBuffer(null)));
	attached = undefined;
	return buf;
}

/** Waits until all buffered sends are under way. */
export function Flush_buffer(): void {
	if (attached === undefined) return;
	if (attached.view === undefined) return observed('Flush_buffer', flushAutomatic);
	check(observed('Flush_buffer', () => engine().attachBuffer(null)));
	check(engine().attachBuffer(attached.view));
}

/** As Flush_buffer. With MPI.BUFFER_AUTOMATIC it comes back at once. */
export function Iflush_buffer(): Request {
	if (attached !== undefined && attached.view === undefined) return new Request(flushingAutomatic());
	Flush_buffer();
	return new Request(new DoneOperation());
}

let attached: { readonly buf: AttachedBuffer; readonly view: BufferView | undefined } | undefined;

whenLeft(() => (attached = undefined));
