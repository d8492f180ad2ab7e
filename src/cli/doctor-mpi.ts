/**
 * What `nprocs doctor` says of MPI: which engines are there, which one a program would use here, and the launchers. A
 * library is opened in a process of its own: it may take signals for itself, and no process can open two.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chooseEngine } from '../mpi/choose-engine.ts';
import { howToInstall, type RealEngineName } from '../mpi/real/find-library.ts';
import { probeLibrary } from '../mpi/real/start.ts';
import type { Finding } from './finding.ts';

const engines: readonly RealEngineName[] = ['openmpi', 'mpich', 'abi'];
const launchers = ['mpiexec', 'mpiexec.openmpi', 'mpiexec.mpich', 'mpiexec.hydra', 'prterun', 'srun'];

/** For this environment. */
export function mpiFindings(): Finding[] {
	return [chosen(), ...engines.map(engineFinding), launcherFinding()];
}

/** In the process that was started for it: what this engine's library says of itself. */
export function probeMpi(engine: string): Finding {
	const { path, abi, version } = probeLibrary(engine as RealEngineName);
	return { what: `MPI engine ${engine}`, verdict: 'ok', detail: `${version} (${path}, binary interface: ${abi})` };
}

function chosen(): Finding {
	try {
		const { choice, because } = chooseEngine();
		return {
			what: 'MPI',
			verdict: 'ok',
			detail: `the ${choice} engine would be used here, because ${because}; \`npx nprocs mpiexec\` needs nothing else`,
		};
	} catch (error) {
		return { what: 'MPI', verdict: 'error', detail: (error as Error).message };
	}
}

function engineFinding(engine: RealEngineName): Finding {
	const what = `MPI engine ${engine}`;
	const command = [...process.execArgv, process.argv[1]!, 'doctor', '--mpi', engine, '--json'];
	const { stdout, status, signal, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 30_000 });
	try {
		return (JSON.parse(stdout) as Finding[])[0]!;
	} catch {
		const isMissing = stderr.includes('Cannot open the MPI library');
		const detail = isMissing
			? `not found (wanted only for clusters; ${howToInstall[engine]})`
			: `opening it ended with ${signal ?? `exit code ${status}`}. ${stderr.trim()}`;
		return { what, verdict: isMissing ? 'info' : 'warning', detail };
	}
}

function launcherFinding(): Finding {
	const folders = (process.env['PATH'] ?? '').split(delimiter);
	const found = launchers.filter((name) => folders.some((folder) => folder !== '' && existsSync(join(folder, name))));
	return { what: 'MPI launchers', verdict: 'info', detail: found.length === 0 ? 'none (nprocs mpiexec is always there)' : found.join(', ') };
}
