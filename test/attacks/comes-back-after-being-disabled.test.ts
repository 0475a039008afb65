// Attack: somebody who was disabled comes back by what they still hold: a token, a refresh token, a code, a signed-in browser, another process.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { openDatabase } from '../../src/state/database.ts';
import { createRevocations } from '../../src/state/revocations.ts';
import { createLog } from '../../src/base/log.ts';
import { createKillSwitch } from '../../src/identity/kill-switch/kill-switch.ts';
import { openTestHouse } from '../support/house.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { IdentityHouse } from '../support/identity-house.ts';
import {
  authorizationRequest,
  authorize,
  exchange,
  obtainTokens,
  open,
  refresh,
  register,
} from '../support/oauth-client.ts';
import path from 'node:path';
import { registerAgent } from '../support/registered-agent.ts';
import { accessTokenType, exchangeGrant, requestToken } from '../support/token-request.ts';

const cause = { by: 'admin', reason: 'left the company' };
const danaAt = (house: IdentityHouse): string => `${house.provider.issuer}#dana`;
const resourceAt = (house: IdentityHouse): string => `${house.publicUrl}/mcp/files`;
const outcomeOf = async (house: IdentityHouse, token: string) =>
  house.identity.verify(`Bearer ${token}`, resourceAt(house));

for (const disabled of [true, false])
  test(
    disabled
      ? 'nothing that was given before opens anything, and nothing new is given'
      : 'control: all of it works for somebody who was not disabled',
    async () => {
      await using house = await startIdentityHouse();
      const resource = resourceAt(house);
      const held = await obtainTokens(house.publicUrl, resource);
      const withCode = await authorize(await register(house.publicUrl), { resource });
      assert.equal((await outcomeOf(house, held.tokens.access_token)).outcome, 'allow');
      if (disabled) await house.identity.killSwitch.disablePerson(danaAt(house), cause);

      const verdict = await outcomeOf(house, held.tokens.access_token);
      assert.equal(
        'code' in verdict ? verdict.code : verdict.outcome,
        disabled ? 'identity_principal_disabled' : 'allow',
      );
      assert.equal((await refresh(held, held.tokens.refresh_token!)).status, disabled ? 400 : 200);
      assert.equal(
        await exchange(withCode).then(
          () => 'given',
          () => 'refused',
        ),
        disabled ? 'refused' : 'given',
      );
      // The browser that is signed in, and then a fresh one.
      for (const browser of [held.browser, undefined]) {
        const asked = await authorizationRequest(held, { resource });
        const arrival = await (browser === undefined
          ? authorize(held, { resource }).then(
              () => ({ page: '' }),
              () => ({ page: 'identity_sign_in_disabled' }),
            )
          : open(browser, asked));
        assert.equal((arrival.page ?? '').includes('identity_sign_in_disabled'), disabled);
      }
    },
  );

for (const disabled of [true, false])
  test(
    disabled
      ? 'an agent that was disabled acts for nobody: neither itself, nor with what others have made of its tokens'
      : 'control: an agent that was not disabled does all of that',
    async () => {
      const policy = ['helper', 'second'].map((client) => ({ client, resources: ['/mcp/files'] }));
      await using house = await startIdentityHouse({ settings: { tokenExchange: policy } });
      const { identity, publicUrl } = house;
      const resource = resourceAt(house);
      const [helper, second] = [await registerAgent(house, 'helper', {}), await registerAgent(house, 'second', {})];
      const accountId = await identity.upsertAccount({ id: danaAt(house), name: 'dana', groups: [] });
      const token = await identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
      const exchanged = (by: typeof helper, subject: string) =>
        requestToken(publicUrl, by, exchangeGrant, {
          subject_token: subject,
          subject_token_type: accessTokenType,
          resource,
        });
      const own = () => requestToken(publicUrl, helper, 'client_credentials', { resource });
      const [lent, itself] = [await exchanged(helper, token), await own()];
      const chained = await exchanged(second, lent.token);
      const held = [lent, itself, chained];
      for (const each of held) assert.equal((await outcomeOf(house, each.token)).outcome, 'allow');

      if (disabled) await identity.killSwitch.disablePerson('application:helper', cause);
      for (const each of held) {
        const verdict = await outcomeOf(house, each.token);
        const said = 'code' in verdict ? verdict.code : verdict.outcome;
        assert.equal(said, disabled ? 'identity_principal_disabled' : 'allow');
      }
      for (const asked of [await exchanged(helper, token), await own()])
        assert.equal(asked.outcome, disabled ? 'unauthorized_client' : 'tokens');
      assert.equal((await exchanged(second, token)).outcome, 'tokens', 'others go on');
      assert.equal((await outcomeOf(house, token)).outcome, 'allow', 'and so does the person');
    },
  );

test('a client that was revoked is refused at every door, and its people go on with others', async () => {
  await using house = await startIdentityHouse();
  const resource = resourceAt(house);
  const [bad, good] = [await obtainTokens(house.publicUrl, resource), await obtainTokens(house.publicUrl, resource)];
  await house.identity.killSwitch.revokeClient(bad.client.client_id, cause);
  const verdict = await outcomeOf(house, bad.tokens.access_token);
  assert.equal('code' in verdict && verdict.code, 'identity_client_revoked');
  assert.equal((await refresh(bad, bad.tokens.refresh_token!)).status, 401);
  const { page } = await open(bad.browser, await authorizationRequest(bad, { resource }));
  assert.match(page!, /identity_request_invalid/);
  assert.equal(
    (await outcomeOf(house, good.tokens.access_token)).outcome,
    'allow',
    'control: another client of theirs',
  );
  await house.identity.killSwitch.restoreClient(bad.client.client_id, cause);
  assert.equal((await refresh(bad, bad.tokens.refresh_token!)).status, 400, 'what was ended stays ended');
  assert.equal(
    (await outcomeOf(house, (await exchange(await authorize(bad, { resource }))).access_token)).outcome,
    'allow',
  );
});

for (const follows of [true, false])
  test(
    follows
      ? 'a process that has just found the token good hears of it from another one'
      : 'control: a process that hears nothing believes what it remembers',
    async () => {
      await using house = await startIdentityHouse({ settings: { verdictSeconds: 60 } });
      const held = await obtainTokens(house.publicUrl, resourceAt(house));
      assert.equal((await outcomeOf(house, held.tokens.access_token)).outcome, 'allow');
      if (!follows) await house.revocations.close();
      // The switch as another process throws it: on a connection of its own.
      const database = await openDatabase(path.join(house.directory, 'genkan.db'));
      const revocations = await createRevocations({ database, log: createLog('silent') });
      const elsewhere = createKillSwitch({
        database,
        revocations,
        clock: { now: Date.now },
        forget: () => Promise.resolve(),
      });
      await elsewhere.disablePerson(danaAt(house), cause);
      const deadline = Date.now() + (follows ? 10_000 : 1000);
      let outcome = 'allow';
      while (outcome === 'allow' && Date.now() < deadline) {
        outcome = (await outcomeOf(house, held.tokens.access_token)).outcome;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(outcome, follows ? 'challenge' : 'allow');
      await revocations.close();
      await database.destroy();
    },
  );

for (const disabled of [true, false])
  test(
    disabled
      ? 'an administrator who is disabled while their request comes in slowly cannot enable themselves with it'
      : 'control: a slow request of an administrator who was not disabled is carried out',
    async () => {
      const issuer = 'http://127.0.0.1:9';
      const assignments = ['dana', 'omar'].map((name) => ({
        principal: { user: `${issuer}#${name}` },
        role: 'Genkan Operator',
        scope: '/',
      }));
      await using opened = await openTestHouse({ access: { assignments } });
      const { house, url } = opened;
      const dana = (await house.people.find('dana'))!;
      const { token } = await house.trial!.token(dana, `${url}/api`);
      const body = JSON.stringify({ user: dana.id });
      const outgoing = request(`${url}/api/principal/enable`, {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': body.length,
          expect: '100-continue',
        },
      });
      outgoing.flushHeaders();
      await once(outgoing, 'continue');
      outgoing.write(body.slice(0, 5));
      const others = request(`${url}/api/principal/list`, {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${token}` },
      }).end();
      await once(others, 'response'); // what came before it was let in by now
      if (disabled) await house.killSwitch.disablePerson(dana.id, cause);
      outgoing.end(body.slice(5));
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      assert.equal(response.statusCode, disabled ? 401 : 200, await text(response));
      assert.equal((await house.killSwitch.disabled(dana.id)).length, disabled ? 1 : 0);
    },
  );
