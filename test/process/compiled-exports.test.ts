/** Exports that tools have compiled into function calls and assignments, in the forms that they write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCompiledExportPath } from '#nprocs/process/reference/compiled-exports.js';

/** `§` marks the place of the function. */
function pathIn(code: string): readonly string[] | undefined {
	const before = code.slice(0, code.indexOf('§')).split('\n');
	return findCompiledExportPath(code.replace('§', ''), before.length - 1, before.at(-1)!.length);
}

const forms: Record<string, [code: string, path: readonly string[] | undefined]> = {
	'Vite: a function declaration': [
		`'use strict';async (register)=>{{__vite_ssr_exportName__("work", () => { try { return work } catch {} });\nasync function work§(x) {}\n}}`,
		['work'],
	],
	'Vite: the default export': [
		`'use strict';async (a)=>{{__vite_ssr_exportName__("default", () => { try { return __vite_ssr_export_default__ } catch {} });\nconst __vite_ssr_export_default__ = async function§() {};\n}}`,
		['default'],
	],
	'Vite: a static method': [
		`async (a)=>{__vite_ssr_exportName__("Tools", () => Tools);\nclass Tools { static clean§() {} }\n}`,
		['Tools', 'clean'],
	],
	'Vite before version 6': [
		`async (a)=>{Object.defineProperty(__vi_export__, "work", { enumerable: true, configurable: true, get(){ return work }});\nconst work = (§x) => x;\n}`,
		['work'],
	],
	'TypeScript: a hoisted assignment': [
		`"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.other = exports.work = void 0;\nexports.work = work;\nfunction work§() {}`,
		['work'],
	],
	'TypeScript: a constant': [`"use strict";\nconst work = async (§x) => x;\nexports.work = work;`, ['work']],
	'an assignment of the function itself': [`exports.a = module.exports.b = function§ () {};`, ['a']],
	'Babel: a re-export that is a getter': [
		`Object.defineProperty(exports, "work", { enumerable: true, get: function () { return work; } });\nfunction work§() {}`,
		['work'],
	],
	esbuild: [
		`var mod_exports = {};\n__export(mod_exports, { work: () => work, "a b": () => other });\nfunction work§() {}\nfunction other() {}`,
		['work'],
	],
	'a function that is not exported': [
		`async (a)=>{{__vite_ssr_exportName__("work", () => work);\nfunction work() {}\nfunction hidden§() {}\n}}`,
		undefined,
	],
	'a call that registers something else': [`app.get("work", () => work);\nfunction work§() {}`, undefined],
	'a function inside of another': [`exports.work = work;\nfunction work() { return function inner§() {}; }`, undefined],
};

for (const [name, [code, path]] of Object.entries(forms)) {
	test(name, () => assert.deepEqual(pathIn(code), path));
}
