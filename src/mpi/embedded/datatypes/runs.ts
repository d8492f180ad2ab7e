/**
 * Where the bytes of a datatype lie, in the order in which they are transferred: groups of equally long runs at a fixed
 * distance. A vector, or a plane of an array, is a single group, however many blocks it has; runs that touch become
 * one.
 */

/** `repeat` runs of `length` bytes, the first at `offset`, each `stride` bytes after the one before. */
export interface RunGroup {
	offset: number;
	length: number;
	repeat: number;
	stride: number;
}

/**
 * Appends `count` copies of these runs, the first moved by `displacement`, each `stride` bytes after the one before.
 */
export function appendRuns(runs: RunGroup[], copied: readonly RunGroup[], displacement: number, count: number, stride: number): void {
	const only = copied.length === 1 ? copied[0]! : undefined;
	if (only !== undefined && (only.repeat === 1 || only.repeat * only.stride === stride || count === 1)) {
		const repeat = only.repeat * count;
		append(runs, { offset: only.offset + displacement, length: only.length, repeat, stride: only.repeat === 1 ? stride : only.stride });
		return;
	}
	for (let i = 0; i < count; i++) {
		for (const run of copied) append(runs, { ...run, offset: run.offset + displacement + i * stride });
	}
}

function append(runs: RunGroup[], group: RunGroup): void {
	if (group.length === 0 || group.repeat === 0) return;
	if (group.repeat === 1) group.stride = group.length;
	else if (group.stride === group.length) {
		group.length *= group.repeat;
		group.stride = group.length;
		group.repeat = 1;
	}
	const last = runs.at(-1);
	if (last === undefined || !joined(last, group)) runs.push(group);
}

function joined(last: RunGroup, next: RunGroup): boolean {
	if (last.repeat === 1 && next.repeat === 1 && last.offset + last.length === next.offset) {
		last.length += next.length;
		last.stride = last.length;
		return true;
	}
	if (last.length !== next.length) return false;
	const stride = last.repeat > 1 ? last.stride : next.offset - last.offset;
	const fits = next.offset === last.offset + last.repeat * stride && (next.repeat === 1 || next.stride === stride);
	if (!fits) return false;
	last.repeat += next.repeat;
	last.stride = stride;
	return true;
}
