// Signs a client of the official SDK in, as a person in a browser would: what its OAuth part asks for, for both generations.
import { createBrowser } from './browser.ts';
import type { Browser } from './browser.ts';

interface Kept {
  client?: unknown;
  tokens?: undefined | { readonly access_token: string; readonly scope?: string; readonly refresh_token?: string };
  verifier?: string;
}

export interface SdkSignIn {
  /** An `OAuthClientProvider`, as the SDK calls it. */
  readonly provider: object;
  readonly browser: Browser;
  /** Every authorization request that the client made. */
  readonly requests: URL[];
  readonly kept: Kept;
  /** Every page on which the person was asked. */
  readonly pages: string[];
  /** Walks through the last authorization request. @returns where the browser ends: back at the client, or on a page of ours */
  walk(): Promise<URL>;
  /** The code of the last authorization request. */
  code(): Promise<string>;
}

const redirectUrl = 'http://127.0.0.1:9/callback';

export function createSdkSignIn(browser = createBrowser()): SdkSignIn {
  const kept: Kept = {};
  const requests: URL[] = [];
  const asked: string[] = [];
  const provider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'Step-up test',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => kept.client,
    saveClientInformation: (information: unknown) => void (kept.client = information),
    tokens: () => kept.tokens,
    saveTokens: (tokens: Kept['tokens']) => void (kept.tokens = tokens!),
    redirectToAuthorization: (url: URL) => void requests.push(new URL(url)),
    saveCodeVerifier: (verifier: string) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier!,
    invalidateCredentials(which: string) {
      if (which === 'all' || which === 'tokens') delete kept.tokens;
      if (which === 'all' || which === 'client') delete kept.client;
    },
  };
  const isBack = (url: URL): boolean => url.href.startsWith(redirectUrl);

  async function walk(): Promise<URL> {
    let arrival = await browser.follow(requests.at(-1)!, isBack);
    for (let pages = 0; pages < 4 && arrival.page?.includes('name="decision"') === true; pages++) {
      asked.push(arrival.page);
      arrival = await browser.submit(arrival.url, arrival.page, { decision: 'approve' }, isBack);
    }
    if (!isBack(arrival.url)) throw new Error(`the sign-in ended at ${arrival.url.pathname}: ${arrival.page ?? ''}`);
    return arrival.url;
  }

  return {
    provider,
    browser,
    requests,
    kept,
    pages: asked,
    walk,
    async code() {
      const back = await walk();
      const code = back.searchParams.get('code');
      if (code === null) throw new Error(`no code: ${back.search}`);
      return code;
    },
  };
}
