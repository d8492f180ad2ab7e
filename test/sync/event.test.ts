/** Event. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { Event } from 'nprocs';
import { Actor } from '../helpers/actor.js';

after(() => Actor.killAll());

test('set, clear, wait', async () => {
	using event = new Event();
	const other = new Actor();
	await other.open({ event });
	assert.equal(event.isSet(), false);
	assert.match(inspect(event), /^<Event at .* unset>$/);
	assert.equal(await event.wait(0), false);
	assert.equal(event.waitSync(10), false);
	assert.equal(await event.wait(10), false);
	await other.invoke('event', 'set');
	assert.equal(event.isSet(), true);
	assert.match(inspect(event), /^<Event at .* set>$/);
	assert.equal(await event.wait(), true);
	assert.equal(event.waitSync(10), true);
	event.clear();
	assert.equal(await other.invoke('event', 'isSet'), false);
	const waits = [event.wait(), other.invoke('event', 'wait'), other.invoke('event', 'wait', 5000)];
	event.set();
	assert.deepEqual(await Promise.all(waits), [true, true, true]);
});

test('set and clear at once still releases all who waited', async () => {
	using event = new Event();
	const other = new Actor();
	await other.open({ event });
	for (let round = 0; round < 50; round++) {
		const waits = [event.wait(), event.wait()];
		event.set();
		event.clear();
		assert.deepEqual(await Promise.all(waits), [true, true]);
	}
});

test('killed waiters harm nobody', async () => {
	using event = new Event();
	const others = [new Actor(), new Actor(), new Actor()];
	for (const other of others) await other.open({ event });
	for (const method of ['wait', 'waitSync']) others[0]!.tell('invoke', 'event', method);
	others[1]!.tell('invoke', 'event', 'waitSync');
	const third = others[2]!.invoke('event', 'waitSync');
	await Promise.all([others[0]!.kill(), others[1]!.kill()]);
	event.set();
	assert.equal(await third, true);
	assert.equal(await event.wait(), true);
});

test('an aborted wait rejects with the reason', async () => {
	using event = new Event();
	const controller = new AbortController();
	const waiting = event.wait(controller.signal);
	controller.abort(new RangeError('stop'));
	await assert.rejects(waiting, RangeError);
});
