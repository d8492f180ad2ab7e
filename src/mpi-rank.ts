/**
 * Imported before the program of a rank that could not be forked (`node --import`): takes the rank's place. The request
 * lies where that of a spawned child does. Threads of the rank import this, too; they are no ranks.
 */
import './index.ts';
import { becomeRank } from './mpi/launcher/rank-main.ts';
import { takeSpawnedRank } from './mpi/launcher/spawn-rank.ts';
import { isMainThread } from './native/main-thread.ts';
import { ParentLink } from './process/start/control.ts';
import { spawnedFds } from './process/start/spawn.ts';

if (isMainThread()) {
	const { place, execArgv } = takeSpawnedRank();
	process.execArgv = [...execArgv];
	new ParentLink(spawnedFds.control).endWithParent();
	becomeRank(place);
}
