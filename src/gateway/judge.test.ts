// What is decided while somebody thinks: a judge may take seconds, in which rights change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { judge } from './judge.ts';
import { requests } from './methods.ts';

const use = { server: 'mail', primitive: 'prompts', name: 'greet', arguments: {} };
const allowed = { outcome: 'allow', effect: 'read', because: [] };

/** @param decisions in their order @param thinks whether the examination waits for somebody */
async function ask(decisions: readonly unknown[], thinks: boolean) {
  let asked = 0;
  const judges = {
    access: { decide: () => decisions[Math.min(asked++, decisions.length - 1)] },
    inspect: {
      checkTypes: () => undefined,
      examination: {
        *call() {
          if (thinks) yield Promise.resolve();
          return { action: 'off', findings: [] };
        },
      },
    },
  };
  const conversation = { era: 'legacy', locate: async () => use };
  const arrival = { headers: {}, server: 'mail', sourceAddress: '127.0.0.1', request: { headers: {}, socket: {} } };
  const principal = { id: 'dana', groups: [] };
  const message = { kind: 'request', id: 1, method: 'prompts/get', params: { name: 'greet' } };
  const method = requests.get('prompts/get');
  const given = [judges, arrival, conversation, principal, message, method] as unknown as Parameters<typeof judge>;
  return { answer: await judge(...given), asked };
}

test('a right that is taken away while a judge thinks does not count any more', async () => {
  const denied: Refusal = { ...refuse('access_action_missing'), outcome: 'deny' };
  const { answer } = await ask([allowed, denied], true);
  assert.ok(isRefusal(answer));
  assert.equal(answer.code, 'access_action_missing');
});

test('what nobody had to think about is decided once', async () => {
  const { answer, asked } = await ask([allowed], false);
  assert.ok(!isRefusal(answer));
  assert.equal(asked, 1);
});

test('what is to be watched is checked by its type as what is read', async () => {
  const unsafe = refuse('inspect_argument_path', { name: 'x', path: '/path', rule: 'x' });
  const located = { server: 'files', primitive: 'resources', name: 'file:///../x', arguments: {} };
  const judges = {
    access: { decide: () => ({ ...allowed, requirements: [] }) },
    inspect: { checkTypes: ({ name }: { name: string }) => (name.includes('..') ? unsafe : undefined) },
  };
  const message = { params: { notifications: { resourceSubscriptions: [located.name] } } };
  const method = requests.get('subscriptions/listen');
  const conversation = { era: 'modern', locate: async () => located };
  const given = [judges, { headers: {} }, conversation, { id: 'dana', groups: [] }, message, method];
  assert.equal(await judge(...(given as unknown as Parameters<typeof judge>)), unsafe);
});

/** What is asked of taint rules, and what is remembered, by a request about a resource or a task. */
async function flowOf(
  method: string,
  params: object,
  { again = false, tool, server = 'web' }: { again?: boolean; tool?: object | undefined; server?: string | null } = {},
) {
  const heard: unknown[] = [];
  const judges = {
    access: { decide: () => ({ ...allowed, requirements: [] }), visible: () => true, allows: () => true },
    tasks: {
      find: async () => new Map([['t', { server: 'web', tool: 'post', requirements: [], effect: 'read' }]]),
    },
    inspect: { checkTypes: () => undefined },
    flows: {
      taint: {
        labelsOf: ({ openWorld }: { openWorld?: boolean }) =>
          openWorld === true ? { reads: ['untrusted'], sends: 'public' } : { reads: ['private'], sends: 'none' },
        check: async (_who: unknown, _about: unknown, sends: string, once = false) => void heard.push([sends, once]),
        remember: async (_who: unknown, reads: unknown, { name }: { name: string }) => void heard.push([reads, name]),
      },
    },
  };
  const conversation = { era: 'modern', locate: async (target: object) => ({ ...target, server: 'web', tool }) };
  const arrival = { headers: {}, server: server ?? undefined, sourceIP: '', correlationId: 'c' };
  const message = { kind: 'request', id: 1, method, params };
  const principal = { id: 'dana', groups: [] };
  const given = [judges, arrival, conversation, principal, message, requests.get(method), again];
  assert.ok(!isRefusal(await judge(...(given as unknown as Parameters<typeof judge>))));
  return heard;
}

test('what is watched is read when watching begins, and asking again is no use of it', async () => {
  const params = { notifications: { resourceSubscriptions: ['web://a'] } };
  assert.deepEqual(await flowOf('subscriptions/listen', params), [
    ['none', false],
    [['private'], 'web://a'],
  ]);
  assert.deepEqual(await flowOf('subscriptions/listen', params, { again: true }), [['none', true]]);
});

test('a task goes by the hint of its tool, and where that is not known by the stricter', async () => {
  for (const [tool, server, expected] of [
    [{ name: 'post', annotations: { openWorldHint: true } }, 'web', 'public'],
    [{ name: 'post', annotations: { openWorldHint: false } }, 'web', 'none'],
    [{ name: 'post' }, 'web', 'none'],
    [undefined, 'web', 'public'],
    [undefined, null, 'public'],
  ] as const)
    assert.deepEqual(await flowOf('tasks/update', { taskId: 't' }, { tool, server }), [[expected, false]]);
});
