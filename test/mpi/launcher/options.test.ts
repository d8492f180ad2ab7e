import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJob } from '#nprocs/mpi/launcher/options.js';

function parse(line: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof parseJob> {
	return parseJob(line.split(' '), env);
}

test('the number of ranks, as each launcher writes it; one without it', () => {
	for (const option of ['-n 3', '-np 3', '--np 3', '--n 3', '-c 3', '--np=3', '-n=3']) {
		assert.deepEqual(parse(`${option} a.js x -n 9`), {
			programs: [{ count: 3, env: {}, command: ['a.js', 'x', '-n', '9'] }],
			tagsOutput: false,
		});
	}
	assert.equal(parse('a.js').programs[0]!.count, 1);
	for (const bad of ['0', '-1', 'x', '2.5', '1025', '']) assert.throws(() => parse(`-n ${bad} a.js`), /number of ranks from 1 to 1024/);
});

test('environment variables: -x NAME=VALUE, -x NAME, -env NAME VALUE, -genv', () => {
	const env = { HERE: 'here' };
	assert.deepEqual(
		parse('-x A=1=2 -x HERE -x NOT -env B 3 -genv C 4 a.js : -x A=5 b.js', env).programs.map((program) => program.env),
		[
			{ A: '1=2', HERE: 'here', B: '3', C: '4' },
			{ A: '5', C: '4' },
		],
	);
	assert.throws(() => parse('-x =1 a.js'), /NAME or NAME=VALUE/);
	assert.throws(() => parseJob(['-env', 'B']), /needs a name and a value/);
});

test('several programs, with options of their own', () => {
	const { programs, tagsOutput } = parse('-n 2 -wdir /tmp a.js 1 : --tag-output -np 1 -wd sub -- node b.js -x');
	assert.deepEqual(programs, [
		{ count: 2, directory: '/tmp', env: {}, command: ['a.js', '1'] },
		{ count: 1, directory: 'sub', env: {}, command: ['node', 'b.js', '-x'] },
	]);
	assert.equal(tagsOutput, true);
	assert.throws(() => parse('-n 2 a.js : -n 3'), /Which program/);
	assert.throws(() => parseJob([]), /Which program/);
});

test('what is meant for real MPIs is accepted and ignored, with its values', () => {
	const line =
		'--oversubscribe --allow-run-as-root --bind-to none -bind-to core --map-by ppr:2:node -mca btl self,vader -q -N 2 -ppn 4 --use-hwthread-cpus -genvall -n 2 a.js';
	assert.deepEqual(parse(line), { programs: [{ count: 2, env: {}, command: ['a.js'] }], tagsOutput: false });
});

test('this machine is a host; another one is refused', () => {
	const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
	writeFileSync(join(folder, 'own'), `# mine\nlocalhost slots=4\n${hostname()}:2\n`);
	writeFileSync(join(folder, 'others'), 'localhost\nnode7 slots=4\n');
	try {
		for (const good of [`--host localhost:4,${hostname()}`, '-H 127.0.0.1', `-hostfile ${folder}/own`, `-f ${folder}/own`])
			assert.equal(parse(`${good} a.js`).programs.length, 1);
		assert.throws(() => parse('--host localhost,node7 a.js'), /machine 'node7'/);
		assert.throws(() => parse(`-machinefile ${folder}/others a.js`), /machine 'node7'/);
		assert.throws(() => parse(`-f ${folder}/none a.js`), /Cannot read the host file/);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('an unknown option is an error that lists the known ones', () => {
	assert.throws(() => parse('--frob 3 a.js'), /There is no option --frob\. Options are -n, --np, .*--bind-to/);
	assert.throws(() => parse('-n'), /-n needs a value/);
	assert.throws(() => parse('--tag-output=yes a.js'), /takes no value/);
	assert.throws(() => parse('--timeout soon a.js'), /number of seconds/);
	assert.deepEqual([parse('--timeout 1.5 a.js').timeout, parse('--trace=t.json a.js').trace], [1.5, 't.json']);
	assert.deepEqual([parse('-n 3 --help').shows, parse('--version').shows], ['help', 'version']);
});
