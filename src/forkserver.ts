/** Entry of the forkserver: loads the library (so that all kinds of shared objects are known) and serves. */
import './index.ts';
import { collectGarbage } from './memory/janitor.ts';
import { serve } from './forkserver/server.ts';

void serve(JSON.parse(process.argv[2] ?? '[]') as string[], collectGarbage);
