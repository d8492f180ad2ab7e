/**
 * A job over two hosts that talk over TCP: two network namespaces with a cable between them, each with a host name of
 * its own. The launcher's remote shell is a script that enters the namespace which is named like the address.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { missing, runCommand } from '../../helpers/mpi.ts';

const network = `10.77.${process.pid % 250}`;
const hosts = [`${network}.1`, `${network}.2`];
const folder = mkdtempSync(join(tmpdir(), 'nprocs-two-hosts-'));
after(() => {
	for (const host of hosts) spawnSync('ip', ['netns', 'del', host]);
	rmSync(folder, { recursive: true, force: true });
});

const skip = missing('openmpi') || cannotLay();

test('a job over two hosts, by TCP', { skip }, async () => {
	const shell = join(folder, 'remote-shell');
	writeFileSync(shell, '#!/bin/sh\nhost=$1; shift\nexec ip netns exec "$host" unshare --uts sh -c "hostname host-${host##*.}; $*"\n');
	chmodSync(shell, 0o755);
	const program = join(import.meta.dirname, '../programs/places.js');
	const launcher = ['mpiexec.openmpi', '--mca', 'plm_rsh_agent', shell, '--mca', 'btl', 'tcp,self'];
	const interfaces = ['btl_tcp_if_include', 'oob_tcp_if_include'].flatMap((name) => ['--mca', name, `${network}.0/24`]);
	const job = [...launcher, ...interfaces, '--host', hosts.map((host) => `${host}:2`).join(','), '-n', '4', process.execPath, program];
	const { code, lines, stderr } = await runCommand([shell, hosts[0]!, ...job], {
		env: { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1', NO_COLOR: '1' },
	});
	assert.equal(code, 0, stderr);
	assert.deepEqual(
		lines,
		[1, 1, 2, 2].map((host, rank) => `rank ${rank} of 4 on host-${host}: right`),
	);
});

/** Makes the two hosts; why that is impossible here, or false. */
function cannotLay(): string | false {
	if (process.getuid!() !== 0) return 'only root can make network namespaces';
	try {
		for (const host of hosts) ip('netns', 'add', host);
		ip('link', 'add', 'cable', 'netns', hosts[0]!, 'type', 'veth', 'peer', 'name', 'cable', 'netns', hosts[1]!);
		for (const host of hosts) {
			ip('-n', host, 'addr', 'add', `${host}/24`, 'dev', 'cable');
			ip('-n', host, 'link', 'set', 'cable', 'up');
			ip('-n', host, 'link', 'set', 'lo', 'up');
		}
		return false;
	} catch (error) {
		return `network namespaces cannot be made here: ${(error as Error).message}`;
	}
}

function ip(...args: string[]): void {
	execFileSync('ip', args, { stdio: 'pipe' });
}
