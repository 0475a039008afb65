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
