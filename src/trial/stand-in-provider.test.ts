// The stand-in identity provider, asked by the OpenID client that Genkan itself uses.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { createBrowser } from '../../test/support/browser.ts';
import { walkSignIn } from '../../test/support/sign-in-walk.ts';
import type { Browser } from '../../test/support/browser.ts';
import type { WalkedPage } from '../../test/support/sign-in-walk.ts';
import { GenkanError } from '../base/errors.ts';
import { trialPeople } from './people.ts';
import { standInSecretFile, startStandInProvider } from './stand-in-provider.ts';
import type { StandInProvider } from './stand-in-provider.ts';

const redirectUri = 'http://127.0.0.1:7300/auth/callback';
const dataDirectory = mkdtempSync(path.join(tmpdir(), 'genkan-stand-in-'));
const start = (): Promise<StandInProvider> =>
  startStandInProvider({
    port: 0,
    dataDirectory,
    redirectUris: [redirectUri],
    people: trialPeople,
    secondFactor: 'c1',
  });

const faults = (code: string) => (error: unknown) => error instanceof GenkanError && error.code === code;

describe('stand-in identity provider', () => {
  let provider: StandInProvider;
  before(async () => void (provider = await start()));
  after(async () => {
    await provider.close();
    rmSync(dataDirectory, { recursive: true });
  });

  const discover = (): Promise<client.Configuration> =>
    client.discovery(
      new URL(provider.issuer),
      'genkan',
      { id_token_signed_response_alg: 'ES256' },
      client.ClientSecretBasic(readFileSync(standInSecretFile(dataDirectory), 'utf8')),
      { execute: [client.allowInsecureRequests] },
    );

  async function authorization(wish: Record<string, string> = {}): Promise<{
    url: string;
    checks: client.AuthorizationCodeGrantChecks;
    config: client.Configuration;
  }> {
    const config = await discover();
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const [expectedNonce, expectedState] = [client.randomNonce(), client.randomState()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email groups',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      nonce: expectedNonce,
      state: expectedState,
      ...wish,
    });
    return { url: url.href, config, checks: { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true } };
  }

  const newBrowser = (): Browser => createBrowser({ 'accept-language': 'ja' });

  test('lets a person be chosen in their own language and says in the ID token who it is', async () => {
    const { url, config, checks } = await authorization();
    const pages: WalkedPage[] = [];
    const onPage = (page: WalkedPage): void => void pages.push(page);
    const answer = await walkSignIn(newBrowser(), url, { person: 'dana', redirectUri, onPage });
    const [page] = pages;
    assert.match(page!.html, /どなたですか/);
    assert.match(page!.html, /だれにでもなれます/);
    for (const { name } of trialPeople) assert.ok(page!.html.includes(name));

    const tokens = await client.authorizationCodeGrant(config, answer, checks);
    const { sub, name, email, preferred_username, groups } = tokens.claims()!;
    assert.deepEqual(
      { sub, name, email, preferred_username, groups },
      {
        sub: 'dana',
        name: 'Dana Sato',
        email: 'dana@example.com',
        preferred_username: 'dana@example.com',
        groups: ['dev-team'],
      },
    );
  });

  test('asks for the second factor where it is wished for, and states it of nobody who has not shown it', async () => {
    const acrAfter = async (wish: Record<string, string>, factor: string): Promise<unknown> => {
      const { url, config, checks } = await authorization(wish);
      const browser = newBrowser();
      const isBack = ({ href }: URL): boolean => href.startsWith(`${redirectUri}?`);
      const list = await browser.follow(url, isBack);
      let next = await browser.submit(list.url, list.page!, { person: 'sena' }, isBack);
      if (next.page !== undefined) {
        assert.match(next.page, /本人確認[^]*Sena Kim/);
        next = await browser.submit(next.url, next.page, { factor }, isBack);
      }
      const claims = (await client.authorizationCodeGrant(config, next.url, checks)).claims()!;
      assert.equal(claims.sub, 'sena');
      return claims['acr'];
    };
    assert.equal(await acrAfter({ acr_values: 'c1' }, 'shown'), 'c1');
    assert.equal(await acrAfter({ acr_values: 'c2 c1' }, 'shown'), 'c1');
    assert.equal(await acrAfter({ acr_values: 'c1' }, 'none'), undefined);
    assert.equal(await acrAfter({ acr_values: 'c2' }, 'shown'), undefined);
    assert.equal(await acrAfter({}, 'shown'), undefined);
  });

  test('asks anew each time, so that the same browser can be somebody else', async () => {
    const browser = newBrowser();
    for (const person of ['dana', 'ada']) {
      const { url, config, checks } = await authorization();
      const answer = await walkSignIn(browser, url, { person, redirectUri });
      const tokens = await client.authorizationCodeGrant(config, answer, checks);
      assert.equal(tokens.claims()?.sub, person);
    }
  });

  test('refuses a person who is not on the list, a foreign page and a choice without its cookie', async () => {
    const start = await fetch((await authorization()).url, { redirect: 'manual' });
    const page = { url: new URL(start.headers.get('location')!, provider.issuer) };
    const cookie = start.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const post = (person: string, headers: Record<string, string>): Promise<Response> =>
      fetch(page.url, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ person }) });

    assert.equal((await post('eve', { cookie })).status, 400);
    assert.equal((await post('dana', { cookie, 'sec-fetch-site': 'cross-site' })).status, 400);
    assert.equal((await post('dana', {})).status, 400);
    assert.equal((await post('dana', { cookie })).status, 303, 'the control: the same choice, honestly made');
  });

  test('demands PKCE', async () => {
    const url = new URL((await authorization()).url);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const answer = await newBrowser().follow(url, (address) => address.href.startsWith(redirectUri));
    assert.equal(answer.url.searchParams.get('error'), 'invalid_request');
  });

  test('sends pages without script, in no frame and from no cache', async () => {
    const { response, page } = await newBrowser().follow((await authorization()).url, () => false);
    const policy = response!.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /script-src|unsafe/);
    assert.equal(response!.headers.get('cache-control'), 'no-store');
    assert.doesNotMatch(page!, /<script/);
  });

  test('answers under its own name only (DNS rebinding)', async () => {
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) =>
        request(`${provider.issuer}/.well-known/openid-configuration`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end(),
      );
    assert.equal(await status('attacker.example'), 421);
    assert.equal(await status(new URL(provider.issuer).host), 200, 'the control');
  });

  test('vouches for nobody to a Genkan that other machines can reach', async () => {
    for (const uri of [
      'http://192.0.2.7:7300/auth/callback',
      'https://genkan.example/auth/callback',
      'http://0.0.0.0/x',
    ]) {
      const settings = { port: 0, dataDirectory, redirectUris: [redirectUri, uri], people: trialPeople };
      await assert.rejects(startStandInProvider(settings), faults('trial_not_loopback'));
    }
  });

  test('says who is in the way when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const settings = { port, dataDirectory, redirectUris: [redirectUri], people: trialPeople };
      await assert.rejects(startStandInProvider(settings), faults('trial_port_taken'));
    } finally {
      other.close();
    }
  });

  test('keeps its keys and its client secret between starts, readable by the owner alone', async () => {
    const keySet = async (): Promise<unknown> => (await fetch(`${provider.issuer}/jwks`)).json();
    const [keys, secret] = [await keySet(), readFileSync(standInSecretFile(dataDirectory), 'utf8')];
    await provider.close();
    provider = await start();
    assert.deepEqual(await keySet(), keys);
    assert.equal(readFileSync(standInSecretFile(dataDirectory), 'utf8'), secret);
    assert.equal(statSync(standInSecretFile(dataDirectory)).mode & 0o777, 0o600);
  });
});
