// A server over HTTP that acts as its callers: each conversation carries a token in the name of the person who has it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { systemClock } from '../src/base/clock.ts';
import { createTickets } from '../src/upstream/authorization/sign-in-required.ts';
import { createCallerDesks } from '../src/upstream/caller-identity/caller-desk.ts';
import type { Upstream } from '../src/upstream/channel.ts';
import { serverSettings } from '../src/upstream/settings.ts';
import { createUpstream } from '../src/upstream/upstream.ts';
import { createTestCallers, plainVisits } from './support/caller-tokens.ts';
import type { TestCallers } from './support/caller-tokens.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './support/http-upstream.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { callTool, fault, textOf } from './support/upstream-conversations.ts';

const scopes = ['api://notes/.default'];
const demanded = { access_token: { acrs: { essential: true, value: 'c1' } } };
const challengeOf = (claims: unknown): string =>
  `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(JSON.stringify(claims)).toString('base64')}"`;

/** Its tool answers with whose token came. @param door turns a message away with this challenge */
function startNotes(
  callers: TestCallers,
  door: (seen: SeenRequest) => string | undefined = () => undefined,
): Promise<HttpUpstream> {
  const inner = mcpByHand({
    handle(seen, response) {
      const challenge = callers.read(seen.headers.authorization) === undefined ? 'Bearer' : door(seen);
      if (challenge !== undefined) {
        answerJson(response, {}, 401, { 'www-authenticate': challenge });
        return true;
      }
      if (seen.message.method !== 'tools/call') return false;
      const { person } = callers.read(seen.headers.authorization)!;
      answerJson(response, {
        jsonrpc: '2.0',
        id: seen.message.id,
        result: { content: [{ type: 'text', text: person }] },
      });
      return true;
    },
  });
  return startHttpUpstream(inner);
}

function open(context: TestContext, url: string, callers: TestCallers): Upstream {
  const settings = serverSettings.parse({ url, authorization: { as: 'caller', scopes } });
  const upstream = createUpstream('notes', settings, callers.neighbours);
  context.after(() => upstream.close());
  return upstream;
}

async function ask(upstream: Upstream, person: string): Promise<string> {
  const { channel } = await upstream.for!(person).connect({ era: 'legacy', onPush() {}, onClose() {} });
  return textOf(await channel.send(callTool(1, 'read')));
}

test('two people through one server carry two identities', async (context) => {
  const callers = createTestCallers('dana', 'omar');
  await using notes = await startNotes(callers);
  const upstream = open(context, notes.url, callers);
  assert.equal(upstream.actsAs, 'caller');
  assert.deepEqual(await Promise.all([ask(upstream, 'dana'), ask(upstream, 'omar')]), ['dana', 'omar']);
  assert.deepEqual(new Set(callers.asked.flatMap(({ scopes: asked }) => asked)), new Set(scopes));
  const shown = new Set(notes.seen.map(({ headers }) => headers.authorization));
  assert.equal(shown.size, 2, 'one token for each, and never none');
});

test('whoever has to sign in anew gets an address of their own, and goes on after that', async (context) => {
  const callers = createTestCallers('dana');
  await using notes = await startNotes(callers);
  const upstream = open(context, notes.url, callers);
  await assert.rejects(ask(upstream, 'omar'), fault('upstream_sign_in_required', /new sign-in/));
  assert.equal(notes.seen.length, 0, 'the server hears nothing of it');
  callers.people.add('omar');
  await callers.desks.settle('omar', 'notes');
  assert.equal(await ask(upstream, 'omar'), 'omar');
});

test('an application, which has nobody behind it, is refused', async (context) => {
  const callers = createTestCallers();
  await using notes = await startNotes(callers);
  await assert.rejects(ask(open(context, notes.url, callers), 'application:x'), { code: 'identity_caller_not_person' });
  assert.equal(notes.seen.length, 0);
});

test('a claims challenge is met with a renewed token, without a question', async (context) => {
  const callers = createTestCallers('dana');
  let met = false;
  await using notes = await startNotes(callers, ({ message }) => {
    if (message.method !== 'tools/call' || met) return undefined;
    met = true;
    return challengeOf(demanded);
  });
  assert.equal(await ask(open(context, notes.url, callers), 'dana'), 'dana');
  assert.deepEqual(callers.demanded, [{ person: 'dana', claims: JSON.stringify(demanded) }]);
  assert.equal(callers.asked.at(-2)?.renewed, true);
});

test('a claims challenge that no token meets becomes a sign-in with just these claims', async (context) => {
  const callers = createTestCallers('dana');
  await using notes = await startNotes(callers, ({ message }) =>
    message.method === 'tools/call' ? challengeOf(demanded) : undefined,
  );
  const upstream = open(context, notes.url, callers);
  await assert.rejects(ask(upstream, 'dana'), fault('upstream_sign_in_required', /demands more/));
  assert.equal(notes.seen.filter(({ message }) => message.method === 'tools/call').length, 2);
});

test('a server that wants more than a sign-in can bring is believed no longer', async (context) => {
  const callers = createTestCallers('dana');
  let asked = 0;
  await using notes = await startNotes(callers, ({ message }) =>
    message.method === 'tools/call'
      ? challengeOf({ access_token: { acrs: { essential: true, value: `c${++asked}` } } })
      : undefined,
  );
  const upstream = open(context, notes.url, callers);
  for (let round = 0; round < 3; round++) {
    await assert.rejects(ask(upstream, 'dana'), fault('upstream_sign_in_required', /demands more/));
    await callers.desks.settle('dana', 'notes');
  }
  await assert.rejects(ask(upstream, 'dana'), fault('upstream_demands_again', /again/));
});

test('who has been sent to sign in where is known to every process', async () => {
  const tickets = createTickets(randomBytes(32), 'http://127.0.0.1:9', systemClock);
  const visits = plainVisits();
  const [here, elsewhere] = [0, 1].map(() => createCallerDesks(visits, tickets, systemClock));
  const desk = here!.at('notes');
  const claims = JSON.stringify(demanded);
  assert.equal((await desk.signInRequired('dana', 'x', claims)).code, 'upstream_sign_in_required');
  assert.equal(await elsewhere!.demanded('dana', 'notes'), claims);
  assert.equal(await elsewhere!.demanded('dana', 'other'), undefined);
  await elsewhere!.settle('dana', 'notes');
  assert.equal((await desk.signInRequired('dana', 'x', claims)).code, 'upstream_demands_again');
  await here!.removeServer('notes');
  assert.equal((await desk.signInRequired('dana', 'x', claims)).code, 'upstream_sign_in_required');
});

test('what is no demand on an access token is not passed on', async (context) => {
  const callers = createTestCallers('dana');
  for (const claims of [{ id_token: { email: null } }, { ...demanded, userinfo: {} }, [], 'x', { access_token: 1 }]) {
    await using notes = await startNotes(callers, ({ message }) =>
      message.method === 'tools/call' ? challengeOf(claims) : undefined,
    );
    await assert.rejects(ask(open(context, notes.url, callers), 'dana'), { code: 'upstream_unavailable' });
  }
  assert.deepEqual(callers.demanded, []);
});

test('ending a person ends their conversations and nobody else’s', async (context) => {
  const callers = createTestCallers('dana', 'omar');
  await using notes = await startNotes(callers);
  const upstream = open(context, notes.url, callers);
  await Promise.all([ask(upstream, 'dana'), ask(upstream, 'omar')]);
  assert.equal(upstream.status().open, 2);
  await upstream.endPerson!('dana');
  assert.equal(upstream.status().open, 1);
});

test('settings by which no token could be had, or anybody could read it, are refused', () => {
  const problem = (asked: readonly string[], more: object = {}): string => {
    const url = 'https://notes.example.com/mcp';
    const parsed = serverSettings.safeParse({ url, authorization: { as: 'caller', scopes: asked }, ...more });
    return JSON.stringify(parsed.error?.issues ?? []);
  };
  assert.equal(problem(scopes), '[]');
  assert.equal(problem(['api://notes/Notes.Read', 'api://notes/Notes.Write']), '[]');
  assert.match(problem(['User.Read']), /with its resource/);
  assert.match(problem(['api://notes/Notes.Read', 'api://other/x']), /one resource/);
  assert.match(problem(['api://notes/.default', 'api://notes/x']), /no other scope/);
  assert.match(problem(scopes, { url: 'http://notes.example.com/', insecureHttp: true }), /over https/);
  assert.match(problem(scopes, { headers: { authorization: { source: 'env', name: 'X' } } }), /a token of their own/);
  assert.notEqual(problem([]), '[]');
});
