/** The lint rules of this house find what they are to find, and nothing else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** What the rule says of a program, by line. */
function reports(lines: readonly string[], allow: readonly string[] = []): Record<number, string> {
	const folder = mkdtempSync(join(tmpdir(), 'house-rules-'));
	try {
		const plugin = join(root, 'scripts/lint/house-rules.mjs');
		const rules = { 'house/no-boolean-parameters': ['error', { allow }] };
		writeFileSync(join(folder, 'config.json'), JSON.stringify({ plugins: [], categories: { correctness: 'off' }, jsPlugins: [plugin], rules }));
		writeFileSync(join(folder, 'program.ts'), lines.join('\n'));
		const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
		const { stdout } = spawnSync(process.execPath, [oxlint, '-c', 'config.json', '--format', 'unix', 'program.ts'], {
			cwd: folder,
			encoding: 'utf8',
		});
		const found = [...stdout.matchAll(/^program\.ts:(\d+):\d+: Parameter '(\w+)' of '([\w()#]+)' is a boolean/gm)];
		assert.match(stdout, new RegExp(`^${found.length} problem|Found|^$`, 'm'), stdout);
		return Object.fromEntries(found.map(([, line, parameter, owner]) => [Number(line), `${owner}.${parameter}`]));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('boolean parameters are found wherever a function is declared', () => {
	const found = reports([
		'export function close(now: boolean) {}',
		'export const open = (again = true) => again;',
		'export class A { constructor(private isNew: boolean) {}',
		'	end(late?: boolean) {}',
		'	stop(late: boolean | undefined) {} }',
		'export interface B { hold(yes: boolean): void }',
		'export type C = (yes: boolean) => void;',
	]);
	assert.deepEqual(found, { 1: 'close.now', 2: 'open.again', 3: 'constructor.isNew', 4: 'end.late', 5: 'stop.late', 6: 'hold.yes', 7: 'C.yes' });
});

test('options, setters, other types and what is allowed by name are left alone', () => {
	const found = reports(
		[
			'export function close({ now = false }: { now?: boolean }) {}',
			'export class A { set daemon(daemon: boolean) {} }',
			'export function put(value: boolean | string | number) {}',
			'export function acquire(blocking: boolean) {}',
		],
		['acquire'],
	);
	assert.deepEqual(found, {});
});
