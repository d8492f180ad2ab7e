/**
 * Numbers that C++ and TypeScript must agree on: each stands in a header or source of `native`, and in the module that
 * types its functions.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addon } from '#nprocs/native/addon.js';
import { maxPassedFds } from '#nprocs/native/descriptor-native.js';
import { inboxNotices } from '#nprocs/native/wait-native.js';

const native = join(import.meta.dirname, '../../../native');

const shared: Record<string, { file: string; here: number }> = {
	kMaxPassedFds: { file: 'os/descriptor.h', here: maxPassedFds },
	kInboxNotices: { file: 'bind/wait_bind.cc', here: inboxNotices },
	// Tickets are made by random64().
	kTicketLength: { file: 'os/handover.h', here: addon().random64().length },
};

for (const [name, { file, here }] of Object.entries(shared)) {
	test(`${name} of ${file}`, () => {
		const found = new RegExp(`constexpr size_t ${name} = (\\d+);`).exec(readFileSync(join(native, file), 'utf8'));
		assert.equal(Number(found?.[1]), here);
	});
}
