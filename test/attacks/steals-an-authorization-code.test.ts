// Attack: an intercepted authorization code is exchanged, without PKCE, with a downgraded one, elsewhere, or a second time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startIdentityHouse } from '../support/identity-house.ts';
import {
  authorizationRequest,
  authorize,
  exchange,
  open,
  postToken,
  refresh,
  register,
} from '../support/oauth-client.ts';
import type { Authorized } from '../support/oauth-client.ts';
import { createBrowser } from '../support/browser.ts';

const redeem = async (stolen: Authorized, changes: Record<string, string | undefined>): Promise<string> => {
  const form = {
    grant_type: 'authorization_code',
    code: stolen.callback.searchParams.get('code')!,
    client_id: stolen.client.client_id,
    redirect_uri: stolen.redirectUri,
    code_verifier: stolen.asked.verifier,
    ...changes,
  };
  const present = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = (await (await postToken(stolen.server, Object.fromEntries(present))).json()) as Record<string, string>;
  return answer.error ?? 'tokens';
};

test('a code is worth nothing without its verifier, client, redirect URI and resource', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const registered = await register(publicUrl);
  const thief = await register(publicUrl);
  const stolen = await authorize(registered, { resource: `${publicUrl}/mcp/files` });
  assert.equal(await redeem(stolen, { code_verifier: undefined }), 'invalid_grant');
  assert.equal(await redeem(stolen, { code_verifier: 'a'.repeat(43) }), 'invalid_grant');
  assert.equal(await redeem(stolen, { client_id: thief.client.client_id }), 'invalid_grant');
  assert.equal(await redeem(stolen, { redirect_uri: 'https://client.example/callback/' }), 'invalid_grant');
  assert.equal(await redeem(stolen, {}), 'tokens', 'control: with all of them it is exchanged');
});

test('a code for one resource cannot buy a token for another', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const stolen = await authorize(await register(publicUrl), { resource: `${publicUrl}/mcp/files` });
  assert.equal(await redeem(stolen, { resource: `${publicUrl}/api` }), 'invalid_target');
});

test('requests without PKCE, or with plain, are turned away before anybody signs in', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, provider } = house;
  const registered = await register(publicUrl);
  const outcome = async (parameters: Record<string, string | undefined>): Promise<string> => {
    const asked = await authorizationRequest(registered, { resource: `${publicUrl}/mcp/files`, ...parameters });
    const arrival = await open(createBrowser(), asked);
    assert.equal(
      arrival.url.searchParams.get('iss') ?? publicUrl,
      publicUrl,
      'errors name their issuer too (RFC 9207 §2)',
    );
    const inFragment = new URLSearchParams(arrival.url.hash.slice(1)); // where errors of the implicit grant travel
    return arrival.url.searchParams.get('error') ?? inFragment.get('error') ?? 'page';
  };
  const verifier = 'a'.repeat(43);
  assert.equal(await outcome({ code_challenge: undefined, code_challenge_method: undefined }), 'invalid_request');
  assert.equal(await outcome({ code_challenge: verifier, code_challenge_method: 'plain' }), 'invalid_request');
  assert.equal(await outcome({ code_challenge: verifier, code_challenge_method: undefined }), 'invalid_request');
  assert.equal(await outcome({ code_challenge: undefined }), 'invalid_request');
  assert.equal(await outcome({ response_type: 'token' }), 'invalid_request');
  assert.equal(provider.requests.length, 0);
  assert.equal(await outcome({}), 'page', 'control: with S256 the same request leads to the consent page');
});

test('a code that is used twice takes the access of the first use with it', async () => {
  await using house = await startIdentityHouse();
  const { identity, publicUrl } = house;
  const resource = `${publicUrl}/mcp/files`;
  const victim = await authorize(await register(publicUrl), { resource });
  const tokens = await exchange(victim);
  assert.equal(
    (await identity.verify(`Bearer ${tokens.access_token}`, resource)).outcome,
    'allow',
    'control: one use works',
  );
  assert.equal(await redeem(victim, {}), 'invalid_grant');
  assert.notEqual((await identity.verify(`Bearer ${tokens.access_token}`, resource)).outcome, 'allow');
  assert.equal((await refresh(victim, tokens.refresh_token!)).status, 400);
});

test('exchanges that fail are recorded, of a flood only so many, and without the code', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, records } = house;
  const stolen = await authorize(await register(publicUrl), { resource: `${publicUrl}/mcp/files` });
  for (let time = 0; time < 30; time += 1) await redeem(stolen, { code_verifier: 'a'.repeat(43) });
  const refused = records.filter(({ action }) => action === 'identity.tokenNotIssued');
  assert.equal(refused.length, 10);
  assert.deepEqual([refused[0]!.result, refused[0]!.details.code], ['denied', 'invalid_grant']);
  assert.equal(refused[0]!.client, stolen.client.client_id);
  assert.ok(!JSON.stringify(records).includes(stolen.callback.searchParams.get('code')!));
  assert.equal(await redeem(stolen, {}), 'tokens', 'control: the exchange of the client itself is no refusal');
  assert.equal(records.filter(({ action }) => action === 'identity.tokenNotIssued').length, 10);
});

test('of a code that is used eight times at once, nobody keeps anything', async () => {
  await using house = await startIdentityHouse();
  const { identity, publicUrl } = house;
  const resource = `${publicUrl}/mcp/files`;
  const victim = await authorize(await register(publicUrl), { resource });
  const form = {
    grant_type: 'authorization_code',
    code: victim.callback.searchParams.get('code')!,
    client_id: victim.client.client_id,
    redirect_uri: victim.redirectUri,
    code_verifier: victim.asked.verifier,
  };
  const answers = await Promise.all(Array.from({ length: 8 }, () => postToken(victim.server, form)));
  const won = answers.filter(({ status }) => status === 200);
  assert.ok(won.length <= 1);
  for (const answer of won) {
    const { access_token: token } = (await answer.json()) as { access_token: string };
    assert.notEqual((await identity.verify(`Bearer ${token}`, resource)).outcome, 'allow');
  }
});

test('control: a code that was kept without its challenge, or whose use was forgotten, is good for whoever has it', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, database } = house;
  const stolen = await authorize(await register(publicUrl), { resource: `${publicUrl}/mcp/files` });
  const kept = database.selectFrom('oidc_record').select('payload').where('kind', '=', 'AuthorizationCode');
  const {
    codeChallenge: _challenge,
    codeChallengeMethod: _method,
    ...code
  } = JSON.parse((await kept.executeTakeFirstOrThrow()).payload) as Record<string, unknown>;
  const change = database.updateTable('oidc_record').where('kind', '=', 'AuthorizationCode');
  await change.set({ payload: JSON.stringify(code) }).execute();
  assert.equal(await redeem(stolen, { code_verifier: undefined }), 'tokens');
  await change.set({ consumed_at: null }).execute();
  assert.equal(await redeem(stolen, { code_verifier: undefined }), 'tokens');
});
