// Tokens with which a server is called in the name of a person: what identity can give and upstream may ask for.

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
   * @throws GenkanError `identity_sign_in_again` when the person has to sign in anew, `identity_caller_not_person` for
   *   applications, `identity_on_behalf_impossible` when the provider cannot or will not do it for anybody
   */
  tokenFor(person: string, scopes: readonly string[], renewed?: boolean): Promise<CallerToken>;
  /**
   * Remembers what a resource demanded of the person's sign-in, so that the next one brings it.
   * @param claims JSON of a claims challenge
   */
  demand(person: string, claims: string): Promise<void>;
}
