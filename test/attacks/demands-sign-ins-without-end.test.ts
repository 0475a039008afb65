// Attack: a server answers every token with a claims challenge, so that its callers sign in again and again, and grow used to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverSettings } from '../../src/upstream/settings.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { createTestCallers } from '../support/caller-tokens.ts';
import type { TestCallers } from '../support/caller-tokens.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { callTool } from '../support/upstream-conversations.ts';

const rounds = 8;

/** @param next what it demands this time */
const startDemanding = (next: () => string) =>
  startHttpUpstream(
    mcpByHand({
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        const claims = Buffer.from(
          JSON.stringify({ access_token: { acrs: { essential: true, value: next() } } }),
        ).toString('base64');
        answerJson(response, {}, 401, { 'www-authenticate': `Bearer error="insufficient_claims", claims="${claims}"` });
        return true;
      },
    }),
  );

/** A person who does whatever they are asked to. @returns how often they have signed in */
async function obey(url: string, callers: TestCallers, afterSignIn: () => Promise<void>): Promise<number> {
  const settings = serverSettings.parse({ url, authorization: { as: 'caller', scopes: ['api://notes/.default'] } });
  const upstream = createUpstream('notes', settings, callers.neighbours);
  let signIns = 0;
  for (let round = 0; round < rounds; round++) {
    const code = await (async () => {
      const { channel } = await upstream.for!('dana').connect({ era: 'legacy', onPush() {}, onClose() {} });
      await channel.send(callTool(1, 'read'));
    })().catch((error: unknown) => (error as { code?: string }).code);
    if (code !== 'upstream_sign_in_required') {
      assert.equal(code, 'upstream_demands_again');
      continue;
    }
    signIns++;
    await afterSignIn();
  }
  await upstream.close();
  return signIns;
}

test('control: where nobody remembers who has just signed in, it goes on for ever', async () => {
  await using server = await startDemanding(() => 'c1');
  assert.equal(await obey(server.url, createTestCallers('dana'), () => Promise.resolve()), rounds);
});

test('what was demanded is not demanded a second time', async () => {
  await using server = await startDemanding(() => 'c1');
  const callers = createTestCallers('dana');
  assert.equal(await obey(server.url, callers, () => callers.desks.settle('dana', 'notes')), 1);
});

test('something else each time is asked for three times, and then no more', async () => {
  let count = 0;
  await using server = await startDemanding(() => `c${++count}`);
  const callers = createTestCallers('dana');
  assert.equal(await obey(server.url, callers, () => callers.desks.settle('dana', 'notes')), 3);
});
