// Sign-in with Microsoft Entra ID under the name and in the shape that servers on the MCP SDK know.
import type { z } from 'zod';
import { describe, GenkanError, isRefusal } from '../base/errors.ts';
import type { entraProvider } from '../identity/entra/settings.ts';
import type { AuthInfo } from './auth-info.ts';
import { openGenkan } from './open-genkan.ts';
import type { Genkan, GenkanOptions, Middleware } from './open-genkan.ts';
import type { ProtectSettings } from './settings.ts';

type EntraInput = z.input<typeof entraProvider>;
type RestOfIdentity = Omit<ProtectSettings['identity'], 'provider'>;

export interface EntraIdSettings extends EntraInput, Omit<ProtectSettings, 'identity'> {
  /** Everything else about identity, as in genkan.yaml. */
  readonly identity?: RestOfIdentity;
  /**
   * Makes the error by which the SDK's own `requireBearerAuth` knows that a token is no good:
   * `(text) => new InvalidTokenError(text)` in v1, `(text) => new OAuthError('invalid_token', text)` in v2.
   */
  readonly invalidToken?: (text: string) => Error;
}

/**
 * The authorization server of an app, with Entra ID behind it. As a verifier of tokens it fits the SDK (`OAuthTokenVerifier`);
 * its endpoints are its own (`router`), since those of the SDK leave out what makes them safe.
 */
export class EntraIdServerAuthProvider implements AsyncDisposable {
  readonly #genkan: Genkan;
  readonly #invalidToken: (text: string) => Error;

  private constructor(genkan: Genkan, invalidToken: (text: string) => Error) {
    this.#genkan = genkan;
    this.#invalidToken = invalidToken;
  }

  /** @throws as `protect` */
  static async open(settings: EntraIdSettings, options?: GenkanOptions): Promise<EntraIdServerAuthProvider> {
    const { tenant, allowedTenants, clientId, credential, apiScope, authorityHost, graphUrl, ...rest } = settings;
    const { identity, invalidToken = asFault, ...others } = rest;
    const provider = { tenant, allowedTenants, clientId, credential, apiScope, authorityHost, graphUrl };
    const genkan = await openGenkan({ ...others, identity: { ...identity, provider } }, options);
    return new EntraIdServerAuthProvider(genkan, invalidToken);
  }

  /** The rest of it: requests in the name of who calls, the kill switch, the audit log. */
  get genkan(): Genkan {
    return this.#genkan;
  }

  /** Sign-in, consent and the OAuth endpoints, `/auth/callback` among them: `app.use(provider.router)`. */
  get router(): Middleware {
    return this.#genkan.router;
  }

  /**
   * For the SDK's own middleware. Tokens that are bound to a key need the request, which this does not get: they are refused.
   * @param token for the first of `resources`
   */
  verifyAccessToken(token: string): Promise<AuthInfo> {
    return this.#look(token);
  }

  /** A verifier for another one of `resources`, or for an SDK with other errors. */
  verifierFor(
    path: string,
    invalidToken = this.#invalidToken,
  ): { verifyAccessToken(token: string): Promise<AuthInfo> } {
    return { verifyAccessToken: (token) => this.#look(token, path, invalidToken) };
  }

  close(): Promise<void> {
    return this.#genkan.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #look(token: string, path?: string, invalidToken = this.#invalidToken): Promise<AuthInfo> {
    const seen = await this.#genkan.verify(token, path);
    if (isRefusal(seen)) throw invalidToken(describe(seen).message);
    return seen;
  }
}

const asFault = (): Error => new GenkanError('identity_token_invalid');
