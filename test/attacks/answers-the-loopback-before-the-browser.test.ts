// Threat: another program on a person's machine answers their sign-in before the browser does, with a code of its own, so that they work as somebody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { GenkanError } from '../../src/base/errors.ts';
import { systemClock as clock } from '../../src/base/clock.ts';
import { createAuthorization } from '../../src/remote/authorization.ts';
import { createGuardedFetch } from '../../src/upstream/authorization/guarded-fetch.ts';
import type { GuardedFetch } from '../../src/upstream/authorization/guarded-fetch.ts';
import { createBrowser } from '../support/browser.ts';
import { openRemoteHouse } from '../support/remote-house.ts';
import type { RemoteHouse } from '../support/remote-house.ts';

let there: RemoteHouse;
before(async () => void (there = await openRemoteHouse()));
after(() => there[Symbol.asyncDispose]());

/** What a program may learn that sees the pushed request, as nobody does but the Genkan itself. */
type Pushed = Readonly<Record<'redirect_uri' | 'state', string>>;

/**
 * Signs in, with a program that acts at the moment at which the browser is opened.
 * @param act what it does; what it knows is what the browser is started with, and in controls the state as well
 */
async function signsIn(act: (pushed: Pushed, address: URL) => Promise<void>, { browses = true } = {}): Promise<string> {
  const { url } = there;
  const own = createGuardedFetch({ home: url, insecureHttp: false });
  let pushed: Pushed | undefined;
  const guard: GuardedFetch = {
    ...own,
    fetch(address, options) {
      if (String(address).endsWith('/oauth/par'))
        pushed = Object.fromEntries(new URLSearchParams(String(options?.body))) as Pushed;
      return own.fetch(address, options);
    },
  };
  const open = async (address: URL): Promise<boolean> => {
    await act(pushed!, address);
    const browser = createBrowser();
    if (!browses) return true;
    const arrival = await browser.follow(address, () => false);
    await browser.submit(arrival.url, arrival.page!, { decision: 'approve' }, () => false);
    return true;
  };
  try {
    const { tokens } = await createAuthorization(url, { guard, clock, open, tell: () => undefined }).signIn({});
    const { sub } = JSON.parse(Buffer.from(tokens.access.split('.')[1]!, 'base64url').toString()) as { sub: string };
    return sub.split('#')[1]!;
  } catch (error) {
    assert.ok(error instanceof GenkanError, String(error));
    return `${error.code}: ${String(error.params['reason'])}`;
  } finally {
    await own.close();
  }
}

const answer = async ({ redirect_uri: at }: Pushed, fields: Record<string, string>): Promise<number> =>
  (await fetch(`${at}?${new URLSearchParams(fields)}`)).status;

test('what a browser is started with, which every program here can read, holds neither state nor port nor challenge', async () => {
  let seen = '';
  there.signsIn('dana');
  const who = await signsIn(async ({ redirect_uri: at, state }, address) => {
    seen = address.href;
    assert.ok(!seen.includes(state) && !seen.includes(new URL(at).port));
  });
  assert.equal(who, 'dana');
  assert.deepEqual([...new URL(seen).searchParams.keys()], ['client_id', 'request_uri']);
});

test('an answer with another state, or none, changes nothing: the person signs in as themselves', async () => {
  there.signsIn('dana');
  const iss = there.url;
  const who = await signsIn(async (pushed) => {
    const wrong: Record<string, string>[] = [
      { code: 'of-omar', iss },
      { code: 'of-omar', iss, state: 'guessed' },
      { error: 'access_denied' },
    ];
    for (const fields of wrong) assert.equal(await answer(pushed, fields), 404);
  });
  assert.equal(who, 'dana');
});

test('control: with the state an answer is taken, and what is then wrong is the code', async () => {
  const who = await signsIn(
    async (pushed) => {
      assert.equal(await answer(pushed, { code: 'of-omar', state: pushed.state, iss: there.url }), 200);
    },
    { browses: false },
  );
  assert.match(who, /^remote_sign_in_failed: .*invalid_grant/);
});

test('an answer in the name of another issuer, or of none, is not taken, even with the state', async () => {
  for (const iss of ['https://attacker.example', undefined]) {
    const who = await signsIn(
      async (pushed) => {
        await answer(pushed, { code: 'of-omar', state: pushed.state, ...(iss !== undefined && { iss }) });
      },
      { browses: false },
    );
    assert.match(who, /^remote_sign_in_failed: .*iss/);
    assert.doesNotMatch(who, /invalid_grant/, 'no code was shown to anybody');
  }
});

test('control: where issuers need not say who they are, an answer of whomever is taken', () => {
  const back = new URL('http://127.0.0.1:1/?code=of-omar&state=state');
  const server = { issuer: there.url };
  const taken = oauth.validateAuthResponse(server, { client_id: 'x' }, back, 'state');
  assert.equal(taken.get('code'), 'of-omar');
});
