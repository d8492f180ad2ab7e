/**
 * Entry of a spawned child: loads the library (so that all kinds of shared objects are known) and runs what it was
 * started for.
 */
import { closeSync } from 'node:fs';
import './index.ts';
import { runChild } from './process/child-run.ts';
import { spawnedFds } from './process/start/spawn.ts';
import { readMemoryFile, readRequest } from './process/start/request.ts';

const { request, values } = readRequest(readMemoryFile(spawnedFds.request));
closeSync(spawnedFds.request);
void runChild(request, values, spawnedFds.control);
