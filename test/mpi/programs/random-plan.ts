/**
 * Carries out a random plan (../plan.ts) on whichever engine there is, by the seam: `random-plan seed steps mostBytes`.
 * Each rank prints what it has received, step by step; of bursts that come in no certain order, sorted. So two engines
 * must print the same lines.
 */
import { startEngine } from '#nprocs/mpi/choose-engine.js';
import { contentOf, hashOf, makePlan, type Message, type Step } from '../plan.js';
import { STATUS_BYTES_LOW, STATUS_SOURCE, STATUS_TAG } from '#nprocs/mpi/engine/shared-numbers.js';

const [seed = 1, steps = 100, mostBytes = 300_000] = process.argv.slice(2).map(Number);
const engine = startEngine();
const world = 1;
const [anySource, anyTag, byteType] = [-2, -1, 1];
const modeNumbers = { standard: 0, synchronous: 1, buffered: 2 } as const;
const { rank, worldRanks } = engine.describeComm(world);
const plan = makePlan({ seed, ranks: worldRanks.length, steps, mostBytes });
check(engine.commDup(world));
const anyTagComm = engine.out[0]!;
check(engine.commDup(world));
const anyComm = engine.out[0]!;
check(engine.attachBuffer(new Uint8Array(64_000_000)));

const lines: string[] = [];
/** Of the messages whose order is not certain. */
const uncertain: string[] = [];
/** What is waited for at each step. */
const waiting: (() => void)[][] = Array.from({ length: steps + 1 }, () => []);
const early: (() => void)[][] = Array.from({ length: steps + 1 }, () => []);
for (const [at, step] of plan.entries())
	if (step.receiving === 'early' && step.messages[0]!.dest === rank) early[step.postAt]!.push(() => post(at, step));

for (const [at, step] of plan.entries()) {
	const pauseMs = step.pausesMs[rank]!;
	if (pauseMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
	for (const start of early[at]!) start();
	for (const message of step.messages) if (message.source === rank && message.dest === rank) send(step, message);
	const isDest = step.messages[0]!.dest === rank;
	if (!isDest) for (const message of step.messages) if (message.source === rank) send(step, message);
	if (isDest) receive(at, step);
	for (const finish of waiting[at]!) finish();
}
for (const finish of waiting[steps]!) finish();
check(engine.attachBuffer(null));
console.log([...lines, ...uncertain.sort()].map((line) => `${rank}: ${line}\n`).join(''));
check(engine.blocking.barrier(world));
engine.finalize();

function send(step: Step, message: Message): void {
	const { dest, tag, mode, waitAt } = message;
	const content = contentOf(message);
	const rest = [content, content.length, byteType, dest, tag, commOf(step), modeNumbers[mode]] as const;
	if (waitAt === undefined) return check(engine.send(...rest));
	const request = checkRequest(engine.isend(...rest));
	waiting[waitAt]!.push(() => check(engine.wait(request)));
}

function receive(at: number, step: Step): void {
	const [message] = step.messages;
	const comm = commOf(step);
	if (step.kind === 'any source' || step.kind === 'any') {
		const tag = step.kind === 'any' ? anyTag : message!.tag;
		const got: string[] = [];
		for (const _ of step.messages) {
			const room = new Uint8Array(step.kind === 'any' ? mostBytes : Math.max(...step.messages.map(({ bytes }) => bytes)));
			check(engine.recv(room, room.length, byteType, anySource, tag, comm));
			got.push(seen(room));
		}
		if (step.kind === 'any') uncertain.push(...got);
		else lines.push(`${at} ${got.sort().join(' | ')}`);
		return;
	}
	const tag = step.kind === 'any tag' ? anyTag : message!.tag;
	const { source, bytes } = message!;
	switch (step.receiving) {
		case 'receive':
		case 'probed':
		case 'polled': {
			if (step.receiving === 'probed') check(engine.probe(source, tag, comm));
			if (step.receiving === 'polled') for (engine.out[0] = 0; engine.out[0] === 0;) check(engine.iprobe(source, tag, comm));
			if (step.receiving !== 'receive' && engine.status[STATUS_BYTES_LOW] !== bytes) lines.push(`${at} a probe saw ${engine.status.join()}`);
			const room = new Uint8Array(bytes);
			check(engine.recv(room, bytes, byteType, source, tag, comm));
			lines.push(`${at} ${seen(room)}`);
			return;
		}
		case 'matched':
		case 'matched later': {
			check(engine.mprobe(source, tag, comm));
			const handle = engine.out[0]!;
			const room = new Uint8Array(engine.status[STATUS_BYTES_LOW]!);
			if (step.receiving === 'matched') {
				check(engine.mrecv(room, room.length, byteType, handle));
				lines.push(`${at} ${seen(room)}`);
			} else await_(at, step, room, checkRequest(engine.imrecv(room, room.length, byteType, handle)));
			return;
		}
		case 'posted':
			return post(at, step);
		case 'early':
			return;
	}
}

function post(at: number, step: Step): void {
	const { source, tag, bytes } = step.messages[0]!;
	const room = new Uint8Array(bytes);
	await_(at, step, room, checkRequest(engine.irecv(room, bytes, byteType, source, tag, commOf(step))));
}

function await_(at: number, step: Step, room: Uint8Array, request: number): void {
	const line = lines.push('') - 1;
	waiting[step.receivedAt]!.push(() => {
		if (at % 3 === 0) check(engine.waitAny([request]));
		else if (at % 3 === 1) check(engine.wait(request));
		else for (engine.out[0] = 0; engine.out[0] === 0;) check(engine.test(request));
		lines[line] = `${at} ${seen(room)}`;
	});
}

/** Of what was received last. */
function seen(room: Uint8Array): string {
	const { status } = engine;
	const length = status[STATUS_BYTES_LOW]!;
	return `${status[STATUS_SOURCE]},${status[STATUS_TAG]},${length},${hashOf(room.subarray(0, length))}`;
}

function commOf({ kind }: Step): number {
	return kind === 'any tag' ? anyTagComm : kind === 'any' ? anyComm : world;
}

function check(code: number): void {
	if (code !== 0) throw new Error(`rank ${rank}: ${engine.errorString(code)}`);
}

function checkRequest(request: number): number {
	if (request < 0) throw new Error(`rank ${rank}: ${engine.errorString(-request)}`);
	return request;
}
