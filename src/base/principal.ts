// Who acts: the one shape of a verified caller that every room agrees on.

export interface DisputedGroups {
  /** What the sign-in states, and what the directory does. */
  readonly either: readonly string[];
  /** What neither of them denies. */
  readonly both: readonly string[];
}

/** A caller whose identity has been verified. Immutable; built only by `identity/`. */
export interface Principal {
  /** Stable user id, unique over all identity providers. Never an e-mail address or a display name. */
  readonly id: string;
  /**
   * `user`: a person behind a client. `application`: an agent or service that acts for itself (client credentials).
   * `operator`: the person at the machine's own command line.
   */
  readonly kind: 'user' | 'application' | 'operator';
  /** Sign-in name for people who read logs, e.g. `dana@example.com`. Never used to decide. */
  readonly name: string;
  /** Group names or object ids, as the identity provider states them. */
  readonly groups: readonly string[];
  /** Where a directory says something else about them than the sign-in: policies demand by the one and spare by the other. */
  readonly disputedGroups?: DisputedGroups;
  /** OAuth client through which the person acts; absent for the operator. */
  readonly clientId?: string;
  /** Id of the grant that the token belongs to; revoking it ends all its tokens. */
  readonly grantId?: string;
  /** Grants derived from that one on which the token rests as well: each of them ends it, too. */
  readonly derivedGrants?: readonly string[];
  /** Authentication contexts that the sign-in proved, e.g. `c1` (`acrs` at Entra ID, `acr` elsewhere). */
  readonly contexts?: readonly string[];
  /** The parts of a resource that the token is good for, e.g. `mcp:read`; absent for all of it. */
  readonly scopes?: readonly string[];
  /** Who acts in the person's name besides the client, nearest first (RFC 8693 §4.1, `act`). */
  readonly actors?: readonly string[];
}

/** Principal id of an agent. Ids of people contain `#` or `@`. */
export const applicationId = (clientId: string): string => `application:${clientId}`;
