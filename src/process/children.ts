/**
 * The live children of this process, and what becomes of them when it ends: daemons are told to terminate and are
 * waited for a little; then the hangup of their control socket ends them for sure. Others keep the event loop alive, so
 * that they are joined when the main module has finished; `process.exit()` leaves them running.
 */
import { constants } from 'node:os';
import { atExit } from '../base/at-exit.ts';
import { collectGarbage } from '../memory/janitor.ts';
import type { Peer } from './peer.ts';

interface Entry {
	/** The Process object. */
	readonly process: object;
	readonly peer: Peer;
	readonly isDaemon: boolean;
}

const live = new Set<Entry>();
let hooked = false;
/** Then segments may be left that nobody but that child held. */
let wasAnyKilled = false;
/** Daemons get this long at the end of their parent to end by themselves. */
const graceMs = 1000;

export function addChild(process: object, peer: Peer, isDaemon: boolean): void {
	const entry = { process, peer, isDaemon };
	live.add(entry);
	peer.onExit(() => {
		live.delete(entry);
		wasAnyKilled ||= (peer.poll() ?? 0) < 0;
	});
	if (hooked) return;
	hooked = true;
	atExit(() => {
		terminateDaemons();
		if (wasAnyKilled) collectGarbage();
	});
}

/** The Process objects of children that have not ended. */
export function liveChildren(): object[] {
	return [...live].filter(({ peer }) => !peer.hasEnded()).map(({ process }) => process);
}

/** In a process that was forked by itself: the children are its parent's. */
export function forgetChildren(): void {
	live.clear();
	wasAnyKilled = false;
}

function terminateDaemons(): void {
	const daemons = [...live].filter(({ isDaemon }) => isDaemon);
	wasAnyKilled ||= daemons.length > 0;
	for (const { peer } of daemons) peer.signal(constants.signals.SIGTERM);
	const deadline = performance.now() + graceMs;
	for (const { peer } of daemons) {
		if (peer.waitSync(Math.max(0, deadline - performance.now())) === undefined) peer.signal(constants.signals.SIGKILL);
	}
	for (const { peer } of daemons) peer.waitSync(graceMs);
}
