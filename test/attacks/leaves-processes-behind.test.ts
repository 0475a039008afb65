// A stdio server tries to outlive its conversation: it ignores polite signals, leaves its process group, leaves its parent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { request } from '../../src/protocol/message.ts';
import { serverSettings } from '../../src/upstream/settings.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { hostileServer, plainNeighbours, runs } from '../support/upstream-neighbours.ts';

const linux = { skip: process.platform !== 'linux' && 'needs /proc' };
const misdeeds = ['leave an orphan in the tree', 'leave a daemon'];

const call = (name: string) => request(1, 'tools/call', { name });
const pidIn = (answer: { result?: unknown }): number =>
  Number((answer.result as { content: [{ text: string }] }).content[0].text);

test('control: a process that is merely killed leaves them behind', linux, async () => {
  for (const misdeed of misdeeds) {
    const [program = '', ...args] = hostileServer();
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write(`${call(misdeed).raw}\n`);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const orphan = pidIn(JSON.parse(line) as object);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(runs(orphan), misdeed);
    process.kill(orphan, 'SIGKILL');
  }
});

for (const misdeed of misdeeds) {
  test(`nothing is left when the conversation ends: ${misdeed}`, linux, async () => {
    const upstream = createUpstream('hostile', serverSettings.parse({ command: hostileServer() }), plainNeighbours);
    const { channel } = await upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
    const orphan = pidIn(await channel.send(call(misdeed)));
    assert.ok(runs(orphan));
    await channel.close();
    assert.ok(!runs(orphan));
    await upstream.close();
  });
}

// One that also drops its environment is out of reach here; only a process namespace would hold it.
test('a daemon is found when the server has died by itself', linux, async () => {
  const upstream = createUpstream('hostile', serverSettings.parse({ command: hostileServer() }), plainNeighbours);
  const { channel } = await upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
  const daemon = pidIn(await channel.send(call('leave a daemon')));
  await assert.rejects(channel.send(request(2, 'tools/call', { name: 'die with last words' })));
  await upstream.close(); // waits for what is being cleared away
  assert.ok(!runs(daemon));
});

test('a server that ignores the end of its input and every signal it can ignore is ended', linux, async () => {
  const command = hostileServer('--ignore-signals', '--ignore-end-of-input');
  const upstream = createUpstream('hostile', serverSettings.parse({ command }), plainNeighbours);
  const { channel } = await upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
  const answer = await channel.send(request(1, 'tools/call', { name: 'pid' }));
  const pid = pidIn(answer);
  assert.ok(runs(pid));
  await upstream.close();
  assert.ok(!runs(pid));
});

test('a server does not outlive Genkan when Genkan is killed', linux, async () => {
  const keeper = spawn(process.execPath, [path.join(import.meta.dirname, '../support/keeper-of-a-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: keeper.stdout }), 'line')) as [string];
  const pid = Number(line);
  assert.ok(runs(pid));
  keeper.kill('SIGKILL');
  await once(keeper, 'exit');
  const deadlineMs = Date.now() + 20_000;
  while (runs(pid) && Date.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!runs(pid));
});
