/** Runs one compiled test file as a process with a time limit, and looks what it left behind. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMarked } from './marked-run.mjs';

const reporter = new URL('reporter.mjs', import.meta.url).href;
const outputLines = 60;

export async function runFile({ file, node, timeoutMs }) {
	if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, seconds: 0, times: [], details: 'It is not compiled. Run `npm run build:ts`.' };
	const folder = mkdtempSync(join(tmpdir(), 'np-events-'));
	const eventsFile = join(folder, 'events');
	const output = [];
	const startedAt = performance.now();
	const outcome = await runMarked(node, [`--test-reporter=${reporter}`, `--test-reporter-destination=${eventsFile}`, file], {
		timeoutMs,
		onOutput: (bytes) => output.push(bytes),
	});
	const seconds = (performance.now() - startedAt) / 1000;
	const summary = summarize(readEvents(eventsFile), { ...outcome, timeoutMs });
	if (summary.details !== '') summary.details += tail(Buffer.concat(output).toString());
	rmSync(folder, { recursive: true, force: true });
	return { ...summary, seconds };
}

function readEvents(path) {
	if (!existsSync(path)) return [];
	return readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line.endsWith('}'))
		.map((line) => JSON.parse(line));
}

function summarize(events, { exit, timedOut, timeoutMs, left }) {
	const ended = namedByPath(events)
		.filter((event) => event.type === 'test:pass' || event.type === 'test:fail')
		.filter((event) => !event.isSuite);
	const failedTests = ended.filter((event) => event.type === 'test:fail' && !event.isSkipped);
	const times = ended.map(({ path, milliseconds }) => ({ path, seconds: milliseconds / 1000 }));
	const details = failedTests.map((event) => `✖ ${event.path}\n${event.error}\n`);
	const skipped = ended.filter((event) => event.isSkipped).length;
	const passed = ended.length - failedTests.length - skipped;
	let failed = failedTests.length;
	const fail = (text) => {
		failed += 1;
		details.push(`✖ ${text}\n`);
	};
	if (timedOut) fail(`The file was killed after ${timeoutMs / 1000} s${runningAtTheEnd(events)}.`);
	else if (exit !== 0 && failed === 0)
		fail(`The process ended with ${typeof exit === 'string' ? exit : `exit code ${exit}`}${runningAtTheEnd(events)}.`);
	else if (ended.length === 0) fail('The file has no tests.');
	if (left.length > 0) fail(`Left behind:\n${left.map((line) => `    ${line}`).join('\n')}`);
	return { passed, failed, skipped, times, details: details.join('\n') };
}

/** Gives each event the names of the suites and tests around it. A start comes before everything inside it. */
function namedByPath(events) {
	const names = [];
	return events.map((event) => {
		if (event.type === 'test:dequeue') return event;
		names.length = event.nesting;
		names[event.nesting] = event.name;
		return { ...event, path: names.filter((name) => name !== undefined).join(' › ') };
	});
}

/** `test:start` comes in the order of the report, `test:dequeue` when a test really begins. */
function runningAtTheEnd(events) {
	const running = [];
	for (const event of events) {
		if (event.type === 'test:start') continue;
		if (event.type === 'test:dequeue') running.push(event.name);
		else running.splice(running.lastIndexOf(event.name), 1);
	}
	return running.length === 0 ? '' : ` in ${running.map((name) => `"${name}"`).join(' › ')}`;
}

function tail(output) {
	const lines = output.trimEnd().split('\n');
	if (lines.length === 1 && lines[0] === '') return '';
	const shown = lines.slice(-outputLines).map((line) => `    ${line}`);
	return `\nOutput${lines.length > outputLines ? ` (the last ${outputLines} lines)` : ''}:\n${shown.join('\n')}\n`;
}
