// Who acts: the one shape of a verified caller that every room agrees on.

/** A caller whose identity has been verified. Immutable; built only by `identity/`. */
export interface Principal {
  /** Stable user id, unique over all identity providers. Never an e-mail address or a display name. */
  readonly id: string;
  /** `user`: a person behind a client. `operator`: the person at the machine's own command line. */
  readonly kind: 'user' | 'operator';
  /** Sign-in name for people who read logs, e.g. `dana@example.com`. Never used to decide. */
  readonly name: string;
  /** Group names or object ids, as the identity provider states them. */
  readonly groups: readonly string[];
  /** OAuth client through which the person acts; absent for the operator. */
  readonly clientId?: string;
  /** Id of the grant that the token belongs to; revoking it ends all its tokens. */
  readonly grantId?: string;
}
