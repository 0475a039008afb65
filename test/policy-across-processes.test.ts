// A change of the policy on one process, as another one and whoever has a stream open there hear of it; and changing it from the command line.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { genkan } from './support/genkan-process.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { post } from './support/mcp-post.ts';
import { openSecondHouse } from './support/second-house.ts';
import type { SecondHouse } from './support/second-house.ts';

const issuer = 'http://127.0.0.1:9';
const access = { assignments: [{ principal: { user: `${issuer}#dana` }, role: 'Genkan Operator', scope: '/' }] };
let first: TestHouse;
let second: SecondHouse;
let config: string;
const tokens = { dana: '', omar: '' };

before(async () => {
  first = await openTestHouse({ access });
  second = await openSecondHouse(first, { access });
  config = path.join(path.dirname(first.dataDirectory), 'genkan.yaml');
  for (const name of ['dana', 'omar'] as const) {
    const principal = (await first.house.people.find(name))!;
    tokens[name] = (await first.house.trial!.token(principal, `${first.url}/api`)).token;
  }
});
after(async () => {
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

const ask = async (url: string, who: 'dana' | 'omar', operation: string, input: object = {}) => {
  const { status, body } = await post(`${url}/api/${operation}`, input, { token: tokens[who] });
  return { status, answer: JSON.parse(body) as Record<string, unknown> };
};

/** Milliseconds until a question is answered with a status. */
async function until(status: number, question: () => Promise<{ status: number }>): Promise<number> {
  const began = performance.now();
  while (performance.now() - began < 20_000) if ((await question()).status === status) return performance.now() - began;
  return assert.fail(`not ${status} in 20 s`);
}

test('what is assigned on one process is in force on the other within two seconds, and taken back as fast', async (t) => {
  const onSecond = () => ask(second.url, 'omar', 'policy/list');
  assert.equal((await onSecond()).status, 403);
  const given = { role: 'Genkan Auditor', user: `${issuer}#omar`, scope: '/' };
  const { answer } = await ask(first.url, 'dana', 'role/assign', given);
  const granted = await until(200, onSecond);
  const { id } = answer['assignment'] as { id: string };
  // Taken back on the second, and gone on the first.
  assert.equal((await ask(second.url, 'dana', 'role/unassign', { id })).status, 200);
  const revoked = await until(403, () => ask(first.url, 'omar', 'policy/list'));
  t.diagnostic(`granted after ${granted.toFixed(0)} ms, taken back after ${revoked.toFixed(0)} ms`);
  assert.ok(granted < 2000 && revoked < 2000);
});

test('a role, an assignment for a while and a deny assignment are made, looked at and taken back from the command line', async () => {
  const run = async (...words: string[]) => {
    const { out, error, code } = await genkan([...words, '--config', config]);
    assert.equal(code, 0, error);
    return out;
  };
  const file = path.join(path.dirname(config), 'role.json');
  const role = {
    Name: 'Log Reader',
    Actions: ['mcp/servers/logs/tools/read/call'],
    AssignableScopes: ['/servers/logs'],
  };
  writeFileSync(file, JSON.stringify(role));
  assert.match(await run('role', 'create', `@${file}`, '--justification', 'ticket 7'), /Version \d+ of the policy/);
  const assigned = await run(
    'role',
    'assign',
    '--role',
    'Log Reader',
    '--group',
    'makers',
    '--scope',
    '/servers/logs',
    '--for',
    'PT8H',
  );
  assert.match(assigned, /endsAt +2\d{3}-/);
  const refused = await genkan(['role', 'delete', 'Log Reader', '--config', config]);
  assert.match(refused.error, /would leave these without effect: assignment/);
  const deny = {
    name: 'Nobody',
    principals: 'everyone',
    permissions: [{ actions: ['mcp/servers/logs/*'] }],
    scope: '/servers/logs',
  };
  writeFileSync(file, JSON.stringify(deny));
  await run('deny', 'create', `@${file}`);
  assert.match(await run('deny', 'list'), /Nobody +\/servers\/logs +everyone +mcp\/servers\/logs\/\*/);

  const listed = JSON.parse(await run('policy', 'list', '--json')) as { versions: { version: number; why: string }[] };
  const [newest] = listed.versions;
  const created = listed.versions.find(({ why }) => why === 'ticket 7')!;
  assert.match(
    await run('policy', 'show', String(created.version)),
    /\+ role Log Reader\n +\+ Actions: mcp\/servers\/logs/,
  );
  const diff = await run('policy', 'diff', String(created.version), String(newest!.version));
  assert.match(diff, /\+ assignment of "Log Reader" to group makers at \/servers\/logs/);
  assert.match(diff, /\+ deny-assignment/);
  await run('policy', 'revert', '--to', String(created.version - 1));
  assert.equal((await run('deny', 'list')).trim(), 'none');
  assert.doesNotMatch(await run('role', 'list'), /Log Reader/);
  const missing = await genkan(['policy', 'show', '999', '--config', config]);
  assert.match(missing.error, /There is no version 999/);
});
