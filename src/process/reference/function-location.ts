/**
 * Where a function was written: V8 knows it, and its inspector tells, without running or reading the function.
 *
 * Asking for a script's URL needs the debugger domain enabled for a moment (once about 25 ms, 4 ms for each time that
 * new scripts have been loaded since); the answers are kept, so a module costs this once per program.
 */
import { createRequire } from 'node:module';
import os from 'node:os';
import type inspectorModule from 'node:inspector';

export interface FunctionLocation {
	/** The module's URL as the loader knows it: `file:…`, `data:…`; empty for code made by `eval`. */
	readonly url: string;
	readonly scriptId: string;
	/** Zero-based; where the parameter list (of a class: the word `class`) begins in the code that V8 runs. */
	readonly line: number;
	readonly column: number;
}

/** Undefined for functions without code: built-in and bound ones. */
export function locateFunction(fn: (...args: never[]) => unknown): FunctionLocation | undefined {
	return withSession((session) => {
		const place = placeOf(session, fn);
		if (place === undefined) return undefined;
		if (!scriptUrls.has(place.scriptId)) learnScripts(session, () => learnSource(session, place.scriptId));
		return { url: scriptUrls.get(place.scriptId) ?? '', scriptId: place.scriptId, line: place.lineNumber, column: place.columnNumber };
	});
}

/** The code that V8 runs for a script: for TypeScript, what the loader made of it. */
export function sourceOfScript(scriptId: string): string {
	if (!sources.has(scriptId)) withSession((session) => learnScripts(session, () => learnSource(session, scriptId)));
	return sources.get(scriptId) ?? '';
}

function learnSource(session: inspectorModule.Session, scriptId: string): void {
	session.post('Debugger.getScriptSource', { scriptId }, (_error, result) => {
		if (result !== undefined) sources.set(scriptId, result.scriptSource);
	});
}

const scriptUrls = new Map<string, string>();
/** Of modules that have had a function located. */
const sources = new Map<string, string>();

interface Place {
	scriptId: string;
	lineNumber: number;
	columnNumber: number;
}

function withSession<T>(use: (session: inspectorModule.Session) => T): T {
	const inspector = createRequire(import.meta.url)('node:inspector') as typeof inspectorModule;
	const session = new inspector.Session();
	session.connect();
	try {
		return use(session);
	} finally {
		session.disconnect();
	}
}

/**
 * The inspector looks at it from Node's own global scope. A test runner's code may run in another one, with a
 * `globalThis` and a `process` of its own; what they have in common are Node's modules.
 *
 * The session's callbacks run before `post` returns, so this reads as if it were synchronous, and is.
 */
function placeOf(session: inspectorModule.Session, fn: unknown): Place | undefined {
	const holder = os as unknown as Record<symbol, unknown>;
	holder[key] = fn;
	let place: Place | undefined;
	try {
		session.post('Runtime.evaluate', { expression: "process.getBuiltinModule('node:os')[Symbol.for('nprocs.located')]" }, (_error, evaluated) => {
			const objectId = evaluated?.result.objectId;
			if (objectId === undefined) return;
			session.post('Runtime.getProperties', { objectId, ownProperties: true }, (_failure, properties) => {
				const location = properties?.internalProperties?.find((property) => property.name === '[[FunctionLocation]]');
				place = location?.value?.value as Place | undefined;
			});
		});
	} finally {
		delete holder[key];
	}
	return place;
}

const key = Symbol.for('nprocs.located');

function learnScripts(session: inspectorModule.Session, whileEnabled: () => void): void {
	session.on('Debugger.scriptParsed', ({ params }) => scriptUrls.set(params.scriptId, params.url));
	session.post('Debugger.enable');
	whileEnabled();
	session.post('Debugger.disable');
}
