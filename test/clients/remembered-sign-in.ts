// What a client library keeps of its registration and tokens, and the person who signs in for it. Fits every library here.
import { randomBytes } from 'node:crypto';
import { createBrowser } from '../support/browser.ts';
import { walkSignIn } from '../support/sign-in-walk.ts';

// Nobody listens there: the walk ends where the browser would hand the code to the client (RFC 8252 §7.3).
const redirectUri = 'http://127.0.0.1:33418/callback';

/** @param person whom to choose at the stand-in identity provider */
export function rememberSignIn(person: string) {
  const kept = new Map<string, unknown>();
  let answer: URLSearchParams | undefined;
  const keep =
    (name: string) =>
    (value: unknown): void =>
      void kept.set(name, value);
  const recall = (name: string) => (): any => kept.get(name);

  const provider = {
    redirectUrl: redirectUri,
    clientMetadata: {
      client_name: 'Client on trial',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state(): string {
      const state = randomBytes(16).toString('base64url');
      kept.set('state', state);
      return state;
    },
    clientInformation: recall('client'),
    saveClientInformation: keep('client'),
    tokens: recall('tokens'),
    saveTokens: keep('tokens'),
    codeVerifier: recall('verifier'),
    saveCodeVerifier: keep('verifier'),
    discoveryState: recall('discovery'),
    saveDiscoveryState: keep('discovery'),
    authorizationServerInformation: recall('server'),
    saveAuthorizationServerInformation: keep('server'),
    storedState: recall('state'),
    async redirectToAuthorization(url: URL): Promise<void> {
      const arrived = await walkSignIn(createBrowser(), url, { person, redirectUri });
      if (arrived.searchParams.get('state') !== kept.get('state'))
        throw new Error('the answer belongs to another sign-in');
      answer = arrived.searchParams;
    },
  };
  return {
    provider,
    /**
     * Connects as an application does: it is turned away, the person signs in, and it connects again.
     * @param finish exchanges the code that came back to the client
     */
    async connect<T>(attempt: () => Promise<T>, finish: (answer: URLSearchParams) => Promise<unknown>): Promise<T> {
      const refusal: unknown = await attempt().then(
        () => new Error('the door was open: nobody was asked to sign in'),
        (error: unknown) => error,
      );
      if (answer === undefined) throw refusal;
      await finish(answer);
      return attempt();
    },
  };
}
