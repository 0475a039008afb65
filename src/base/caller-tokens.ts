// Tokens with which a server is called in the name of a person: what identity can give and upstream may ask for.
import { GenkanError } from './errors.ts';

export interface CallerToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface CallerTokens {
  /**
   * A token of the identity provider for one resource, in the name of a person who has signed in (on-behalf-of).
   * @param person principal id
   * @param scopes of one resource, e.g. `https://graph.microsoft.com/User.Read` or `api://…/.default`
   * @param renewed take no token that was fetched before; the last one was turned away
   * @param claims JSON of the claims challenge with which it was. They count for this token and for nothing else
   * @throws SignInAgain when the person has to sign in anew
   * @throws GenkanError `identity_caller_not_person` for applications, `identity_on_behalf_impossible` when the provider
   *   cannot or will not do it for anybody
   */
  tokenFor(person: string, scopes: readonly string[], renewed?: boolean, claims?: string): Promise<CallerToken>;
}

/** There is no token before the person has signed in anew. */
export class SignInAgain extends GenkanError {
  /** What that sign-in has to bring for this resource, as JSON. */
  readonly claims: string | undefined;

  constructor(detail?: string, claims?: string) {
    super('identity_sign_in_again', {}, detail === undefined ? {} : { detail });
    this.claims = claims;
  }
}
