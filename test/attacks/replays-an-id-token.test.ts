// Attack: a real ID token from one sign-in is put into another (nonce replay), so that its person comes in in a strange browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { addressesOf } from '../../src/identity/entra/addresses.ts';
import { createEntraFetch } from '../../src/identity/entra/entra-fetch.ts';
import { createTenantKeys } from '../../src/identity/entra/tenant-keys.ts';
import { createTokenJudge } from '../../src/identity/entra/tokens.ts';
import { startEntraHouse } from '../support/entra-house.ts';

test('an ID token is good for the sign-in that it was asked for, and for no other', async () => {
  let stolen: string | undefined;
  let replaying = false;
  const between = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    if (!new URL(String(input)).pathname.endsWith('/token')) return response;
    const body = (await response.json()) as { id_token: string };
    if (replaying) return Response.json({ ...body, id_token: stolen });
    stolen = body.id_token;
    return Response.json(body);
  };
  await using house = await startEntraHouse({ fetch: between as typeof fetch });
  await house.signIn(house.dana);
  replaying = true;
  const { response } = await house.signIn(house.omar);
  assert.equal(response!.status, 400);
  assert.equal(await house.personOf(house.omar), undefined);

  const { authorityHost } = house.settings;
  const clock = { now: house.now };
  const keyOf = createTenantKeys(createEntraFetch(fetch), clock, (tenant) => addressesOf(authorityHost, tenant).keys);
  const judge = createTokenJudge(house.settings, keyOf, clock);
  await assert.rejects(judge.idToken(stolen!, 'nonce-of-omars-sign-in'), { message: /nonce/ });
  await assert.rejects(judge.idToken(stolen!, ''), { message: /nonce/ });
  const { nonce } = decodeJwt(stolen!);
  assert.equal((await judge.idToken(stolen!, String(nonce))).oid, house.dana.oid, 'control: where any nonce would do');
});
