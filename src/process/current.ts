/** This process's place in the tree of processes, and how many Process objects it has made. */
import type { ParentLink } from './control.ts';

interface Place {
	/** Position in the tree: [1, 2] is the second child of the first child; empty for the main process. */
	identity: readonly number[];
	name: string;
	daemon: boolean;
	parent: { readonly pid: number; readonly name: string; readonly link: ParentLink } | undefined;
	/** The Process object of this process, once there is one; who-am-i.ts makes it when it is asked for. */
	self: { readonly name: string } | undefined;
}

const place: Place = { identity: [], name: 'MainProcess', daemon: false, parent: undefined, self: undefined };
let made = 0;

export function placeInTree(): Readonly<Place> {
	return place;
}

/** In a child, before any code of the program runs. */
export function takePlace(next: Place): void {
	Object.assign(place, next);
	made = 0;
}

export function setSelf(self: { readonly name: string }): void {
	place.self = self;
}

/** The name as it is now: the program may change it. */
export function currentName(): string {
	return place.self?.name ?? place.name;
}

/** The position of the next Process that is constructed here. */
export function nextIdentity(): readonly number[] {
	return [...place.identity, ++made];
}

/** Makes Process objects that stand for processes which exist already: they take no number. */
export function withoutCounting<T>(make: () => T): T {
	const before = made;
	try {
		return make();
	} finally {
		made = before;
	}
}
