/**
 * The tests of MPI on the MPIs of other releases of Debian: `node scripts/test-mpi-versions.mjs [trixie] [forky] [names
 * of test files…]`. Each library is tried with its own binary interface and, where it has that, with the standard one
 * of MPI 5.
 *
 * A release is unpacked into a folder of its own (debootstrap; kept for the next time), in which the checkout and this
 * Node run by chroot. All is mounted in a namespace of its own, which ends with the run. A release that cannot be had
 * here is skipped, and it says why.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const releases = ['trixie', 'forky'];
const args = process.argv.slice(2);
const chosen = args.filter((arg) => releases.includes(arg));
const names = args.filter((arg) => !releases.includes(arg));
const mirror = process.env.DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';
const packages = ['openmpi-bin', 'libopenmpi-dev', 'mpich', 'libmpich-dev', 'gcc', 'libc6-dev', 'procps'];
const defaultNames = ['test/mpi/api/programs', 'test/mpi/api/ends', 'test/mpi/collectives', 'test/mpi/awaiting', 'test/mpi/real'];
/** Where the runs put what they print last. */
const closing = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm;
const totals = [0, 0, 0];

for (const release of chosen.length > 0 ? chosen : releases) {
	const why = cannotRun();
	const tree = why === undefined ? unpack(release) : { why };
	if (tree.why !== undefined) {
		console.log(`\n=== ${release} is skipped: ${tree.why}`);
		totals[2]++;
		continue;
	}
	for (const [title, libraries] of librariesOf(tree.folder)) run(tree.folder, `${release}, ${title}`, libraries);
}
console.log(`\n${totals[0]} passed, ${totals[1]} failed, ${totals[2]} skipped`);
process.exitCode = totals[1] === 0 ? 0 : 1;

function cannotRun() {
	if (process.getuid() !== 0) return 'only root may use chroot';
	const missing = ['debootstrap', 'unshare'].filter((command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error !== undefined);
	return missing.length > 0 ? `${missing.join(', ')} not found (Debian: apt-get install debootstrap util-linux)` : undefined;
}

/** The folder with the release and its MPIs, or why it cannot be had. */
function unpack(release) {
	const folder = join(tmpdir(), `nprocs-debian-${release}`);
	const mark = join(folder, 'unpacked');
	if (existsSync(mark)) return { folder };
	console.log(`\n=== ${release} is unpacked into ${folder}`);
	rmSync(folder, { recursive: true, force: true });
	// All releases are unpacked by one script; an older debootstrap does not know the newest names.
	const script = '/usr/share/debootstrap/scripts/sid';
	const first = spawnSync('debootstrap', ['--variant=minbase', release, folder, mirror, script], { encoding: 'utf8' });
	if (first.status !== 0) return { why: `debootstrap cannot unpack it from ${mirror}: ${lastLine(first.stdout + first.stderr)}` };
	// Packages start no services.
	writeFileSync(join(folder, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	const second = inside(folder, ['apt-get', 'install', '-qy', '--no-install-recommends', ...packages], { encoding: 'utf8' });
	if (second.status !== 0) return { why: `its packages cannot be installed: ${lastLine(second.stdout + second.stderr)}` };
	writeFileSync(mark, '');
	return { folder };
}

/** Titles, and what NPROCS_MPI says in the ranks of each launcher. */
function librariesOf(folder) {
	const runs = [['own interfaces', { openmpi: 'openmpi', mpich: 'mpich' }]];
	const place = readdirSync(join(folder, 'usr/lib')).find((name) => existsSync(join(folder, 'usr/lib', name, 'libmpi_abi_openmpi.so.1.0.0')));
	if (place !== undefined) {
		const standard = (engine) => `/usr/lib/${place}/libmpi_abi_${engine}.so.1.0.0`;
		runs.push(['standard interface', { openmpi: standard('openmpi'), mpich: standard('mpich') }]);
	}
	return runs;
}

function run(folder, title, libraries) {
	console.log(`\n=== ${title}`);
	const environment = { NPROCS_TEST_MPI: '1', NPROCS_TEST_MPI_LIBRARIES: JSON.stringify(libraries) };
	const programs = [[join(root, 'scripts/test.mjs'), ...(names.length > 0 ? names : defaultNames)]];
	if (names.length === 0) programs.push([join(root, 'scripts/cookbook.mjs'), 'mpi/']);
	for (const program of programs) {
		const { stdout, status } = inside(folder, ['/usr/local/bin/node', ...program], {
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, ...environment },
			maxBuffer: 2 ** 30,
		});
		process.stdout.write(stdout);
		const [last] = [...stdout.matchAll(closing)].slice(-1);
		if (last === undefined) totals[1]++;
		else totals.forEach((_, i) => (totals[i] += Number(last[i + 1] ?? 0)));
		if (status !== 0) process.exitCode = 1;
	}
}

/**
 * Runs a command in the tree, in namespaces of its own for mounts and processes: nothing stays mounted, and nothing
 * goes on.
 */
function inside(folder, command, options) {
	const node = join(folder, 'usr/local/bin/node');
	mkdirSync(join(folder, 'root'), { recursive: true });
	if (!existsSync(node)) writeFileSync(node, '');
	const steps = `set -e
mount -t proc proc "$TREE/proc"
for part in /sys /dev; do mount --rbind "$part" "$TREE$part"; done
mount -t tmpfs tmpfs "$TREE/tmp"
mkdir -p "$TREE$CHECKOUT"
mount --bind "$NODE" "$TREE/usr/local/bin/node"
mount --bind "$CHECKOUT" "$TREE$CHECKOUT"
cp /etc/resolv.conf /etc/hosts "$TREE/etc/"
cd "$TREE"
exec chroot "$TREE" /usr/bin/env -u TREE -u NODE -u CHECKOUT -u NODE_EXTRA_CA_CERTS "$@"`;
	const { env = process.env, ...rest } = options;
	return spawnSync('unshare', ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'bash', '-c', steps, 'bash', ...command], {
		...rest,
		env: { ...env, TMPDIR: '/tmp', DEBIAN_FRONTEND: 'noninteractive', TREE: folder, NODE: process.execPath, CHECKOUT: root },
	});
}

function lastLine(text) {
	return text.trim().split('\n').at(-1);
}
