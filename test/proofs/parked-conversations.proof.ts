// Many conversations in which people are asked something, half of them left alone with the question: nothing of them stays.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startHttpFixture } from '../conformance/upstream/http.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { modern, post } from '../support/mcp-post.ts';
import type { Held } from '../support/parking-genkan.ts';

/** `GENKAN_PARKED=1000` for a heavier run. */
const conversations = Number(process.env['GENKAN_PARKED'] ?? 200);
const peopleCount = Math.ceil(conversations / 2);
const settleMs = 45_000;
const tool = 'test_elicitation';

interface Parked {
  readonly token: string;
  readonly capabilities: object;
  readonly key: string;
  readonly requestState: string;
}

/** Two clients of one person differ in what they declare, and so have conversations of their own. */
const clients = [{ elicitation: {} }, { elicitation: {}, roots: {} }];

function call(url: string, token: string, capabilities: object, more: Record<string, unknown> = {}) {
  const { body, headers } = modern('tools/call', { name: tool, arguments: { message: 'Who are you?' }, ...more });
  const { params } = body as { params: { _meta: Record<string, unknown> } };
  params._meta['io.modelcontextprotocol/clientCapabilities'] = capabilities;
  return post(url, body, { token, headers });
}

async function park(url: string, token: string, capabilities: object): Promise<Parked> {
  const { message } = await call(url, token, capabilities);
  assert.equal(message.result?.['resultType'], 'input_required', JSON.stringify(message));
  const { inputRequests, requestState } = message.result as { inputRequests: object; requestState: string };
  return { token, capabilities, key: Object.keys(inputRequests)[0]!, requestState };
}

async function answer(url: string, { token, capabilities, key, requestState }: Parked): Promise<void> {
  const content = { username: 'dana', email: 'dana@example.com' };
  const inputResponses = { [key]: { action: 'accept', content } };
  const { message } = await call(url, token, capabilities, { inputResponses, requestState });
  assert.match(JSON.stringify(message), /action=accept/);
}

/** Sessions that the server has been asked to open and not yet to end. */
const sessionsOf = ({ seen }: HttpUpstream): number =>
  seen.filter(({ message }) => message.method === 'initialize').length -
  seen.filter(({ method }) => method === 'DELETE').length;

test(
  `${conversations} parked conversations, half of them abandoned, leave nothing behind`,
  { timeout: 170_000 },
  async () => {
    await using upstream = await startHttpFixture('legacy');
    const child = fork(path.join(import.meta.dirname, '../support/parking-genkan.ts'), [
      upstream.url,
      String(peopleCount),
    ]);
    const said = async <Value>(): Promise<Value> => ((await once(child, 'message')) as [Value])[0];
    const held = (): Promise<Held> => {
      const now = said<Held>();
      child.send('held');
      return now;
    };
    /** What is held once it has come down to the bound, or in the end. */
    async function settled(isDown: (now: Held) => boolean): Promise<Held> {
      const untilMs = performance.now() + settleMs;
      for (;;) {
        const now = await held();
        if (isDown(now) || performance.now() > untilMs) return now;
        await pause(500); // idle conversations are given up in time, which nothing announces
      }
    }
    const down = ({ sockets, conversations: open }: Held): boolean => sockets === 0 && open === 0;

    try {
      const { resource: url, tokens } = await said<{ resource: string; tokens: string[] }>();
      const probed = sessionsOf(upstream);
      // What is loaded, compiled and cached by the first calls stays, and is no leak.
      for (const token of tokens.slice(0, 8)) await answer(url, await park(url, token, clients[0]!));
      await park(url, tokens[8]!, clients[0]!);
      const before = await settled(down);
      assert.ok(down(before), JSON.stringify(before));

      const each = tokens.flatMap((token) => clients.map((capabilities) => ({ token, capabilities })));
      const parked = await Promise.all(each.map(({ token, capabilities }) => park(url, token, capabilities)));
      const during = await held();
      assert.equal(during.conversations, each.length, 'control: each is a conversation of its own');
      await Promise.all(parked.filter((_, index) => index % 4 < 2).map((one) => answer(url, one)));

      const after = await settled(down);
      const perConversation = (during.heapBytes - before.heapBytes) / each.length;
      assert.equal(after.conversations, 0);
      assert.equal(after.sockets, 0);
      assert.equal(after.children, before.children);
      assert.ok(after.timers <= before.timers, `${before.timers} timers, then ${after.timers}`);
      assert.equal(sessionsOf(upstream), probed, 'the server was told of the end of every session');
      const kept = (after.heapBytes - before.heapBytes) / each.length;
      assert.ok(
        kept < perConversation / 2,
        `${Math.round(kept)} of ${Math.round(perConversation)} bytes a conversation`,
      );
      const late = await call(url, parked[2]!.token, parked[2]!.capabilities, {
        requestState: parked[2]!.requestState,
      });
      assert.equal(late.message.error?.data?.['reason'], 'gateway_request_state_invalid');
    } finally {
      child.send('end');
      await once(child, 'exit');
    }
  },
);
