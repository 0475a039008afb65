// What signing in at an identity provider takes, whichever kind it is: an address to send the browser to, and what it brings back.
import type { Person } from './accounts.ts';

/** What a sign-in has to bring beyond who it is. */
export interface SignInWish {
  /** Ask for credentials even of somebody who is signed in there. */
  readonly fresh?: boolean;
  /** Authentication contexts to prove: values of `acrs` at Entra ID, of `acr` at other providers. */
  readonly contexts?: readonly string[];
  /** How long ago the person may have given their credentials there. */
  readonly maxAgeSeconds?: number;
  /** Claims that a resource demanded in a claims challenge, as JSON (OpenID Connect Core §5.5). */
  readonly claims?: string;
}

/** The secrets of one sign-in. Each is made for it alone. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE `code_verifier` (RFC 7636 §4.1). */
  readonly verifier: string;
}

export interface SignedIn {
  readonly person: Person;
  /** Authentication contexts that the provider vouches for. */
  readonly contexts: readonly string[];
  /** When the person gave their credentials, where the provider says so (`auth_time`). */
  readonly authenticatedAtMs?: number;
  /** What else the record of the sign-in says, e.g. which credential of ours was used. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** One kind of identity provider. It knows neither browsers nor our own authorization requests. */
export interface SignInLeg {
  /**
   * The address of the provider's sign-in. Never with `resource`: it would name one of ours, and Entra ID refuses it.
   * @throws GenkanError `identity_provider_unavailable`
   */
  authorizationUrl(secrets: SignInSecrets, wish: SignInWish): Promise<URL>;
  /**
   * Redeems the code that the browser came back with.
   * @throws GenkanError `identity_sign_in_failed`, `identity_provider_unavailable`
   */
  redeem(callback: URL, secrets: SignInSecrets): Promise<SignedIn>;
  /** Whether it was the person who ended the sign-in. Without this, any `access_denied` says so (RFC 6749 §4.1.2.1). */
  calledOff?(callback: URL): boolean;
}

export interface LegNeighbours {
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
}
