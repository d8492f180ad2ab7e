/** Entry of a spawned child: loads the library (so that all kinds of shared objects are known) and runs what it was started for. */
import './index.ts';
import { runChild } from './process/child-run.ts';
import { spawnedFds } from './process/spawn-launcher.ts';
import { fromMemoryFile, readRequest } from './process/start-request.ts';

const { request, values } = readRequest(fromMemoryFile(spawnedFds.request));
void runChild(request, values, spawnedFds.control, { isForked: false });
