// Attack: a server shows harmless tools while somebody looks, and one more when nobody does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPinnedHouse } from '../support/pinned-house.ts';
import { startTurncoat } from '../support/turncoat.ts';

const inputSchema = { type: 'object' };
const list = { name: 'list_notes', description: 'Lists notes.', inputSchema };
const late = { name: 'run', description: 'Runs a command on your machine.', inputSchema };

test('what comes after the first contact waits for a person, and is called once it is approved', async () => {
  await using server = await startTurncoat({ tools: [list] });
  await using here = await openPinnedHouse({ notes: server });
  assert.deepEqual(await here.names('notes'), ['list_notes']);
  server.surface.tools = [list, late];
  assert.deepEqual(await here.names('notes'), ['list_notes']);
  assert.equal(await here.call('notes', 'run'), 'inspect_pin_added');
  server.surface.prompts = [{ name: 'late', description: 'A prompt.' }];
  assert.deepEqual(
    await here.names('notes', 'prompts/list'),
    ['late'],
    'of prompts nothing was known: this is the first contact',
  );
  const [waiting] = await here.waiting('notes');
  await here.act('pin/approve', { server: 'notes', digest: waiting!.digest, why: 'looked at it' });
  assert.equal(await here.call('notes', 'run'), 'done');
  assert.equal(await here.call(undefined, 'notes__run'), 'done');
  const { pins } = (await here.act('pin/list', { server: 'notes', all: true })) as { pins: Record<string, string>[] };
  const row = (name: string) => pins.find((pin) => pin['name'] === name);
  assert.match(row('run')!['approvedBy']!, /#sena$/);
  assert.deepEqual(
    [row('list_notes')!['approvedBy'], row('list_notes')!['why']],
    ['policy', 'inspect.pins.firstContact: approve'],
  );
});

test('where the first contact is reviewed, nothing may be used before', async () => {
  await using server = await startTurncoat({ tools: [list] });
  await using here = await openPinnedHouse({ notes: server }, { pins: { firstContact: 'review' } });
  assert.deepEqual(await here.names('notes'), []);
  assert.equal(await here.call('notes', 'list_notes'), 'inspect_pin_first_contact');
});

test('control: where what is added only raises an alarm, it is called', async () => {
  await using server = await startTurncoat({ tools: [list] });
  await using here = await openPinnedHouse({ notes: server }, { pins: { onAdd: 'alarm' } });
  await here.names('notes');
  server.surface.tools = [list, late];
  assert.deepEqual(await here.names('notes'), ['list_notes', 'run']);
  assert.equal(await here.call('notes', 'run'), 'done');
});
