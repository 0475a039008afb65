// What the parts of the Entra stand-in share: the directory, the keys, what was issued, and what the test ordered.
import type { KeyObject } from 'node:crypto';
import type { AadstsError } from './aadsts.ts';
import type { Directory, Registration, User } from './directory.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

/** A person signed in, and what the sign-in proved. */
export interface SignIn {
  readonly user: User;
  readonly epoch: number;
  readonly authTimeSeconds: number;
  readonly amr: readonly string[];
  /** Authentication contexts (`c1`) and policies that were satisfied. */
  readonly proven: readonly string[];
}

export interface Code {
  readonly client: Registration;
  readonly redirectUri: string;
  readonly signIn: SignIn;
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly challenge: { readonly value: string; readonly method: string } | undefined;
  readonly claims: string | undefined;
  readonly expiresAtMs: number;
  redeemed: boolean;
}

export interface DeviceCode {
  readonly client: Registration;
  readonly tenant: string;
  readonly scope: string;
  readonly userCode: string;
  readonly claims: string | undefined;
  readonly expiresAtMs: number;
  signIn: SignIn | 'declined' | undefined;
}

export interface RefreshToken {
  readonly client: Registration;
  readonly signIn: SignIn;
  readonly tenant: string;
  readonly expiresAtMs: number;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly params: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What a test can order. */
export interface Orders {
  /** Object id of who signs in next, without a page; undefined shows pages. */
  signsIn: string | undefined;
  /** Contexts that a sign-in proves without being asked. */
  satisfied: readonly string[];
  /** Whether a demanded second factor is given. */
  mfa: 'passes' | 'fails';
  /** Groups of more than this many are left out of tokens. */
  overageThreshold: number;
  /** Changes the claims of the next ID tokens. */
  tamper: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** Changes the claims of the next access tokens. */
  tamperAccessToken: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** Lifetime of access tokens. */
  accessTokenSeconds: number;
  /** When it wants them refreshed early (`refresh_in`). */
  refreshInSeconds: number | undefined;
  refreshTokenSeconds: number;
  /** A client assertion is taken once. Entra ID does not insist on it, and MSAL sends one again until it expires. */
  refuseReplayedAssertions: boolean;
  /** Everything answers 503. */
  down: boolean;
}

export interface EntraState {
  readonly origin: string;
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly orders: Orders;
  now(): number;
  readonly codes: Map<string, Code>;
  readonly deviceCodes: Map<string, DeviceCode>;
  readonly refreshTokens: Map<string, RefreshToken>;
  /** Browser sessions by cookie. */
  readonly sessions: Map<string, SignIn>;
  /** Sign-ins behind access tokens, by `uti`. */
  readonly issued: Map<string, SignIn>;
  /** What a client or resource demands of a sign-in, by client id. */
  readonly demands: Map<string, Set<string>>;
  /** `client resource` pairs without consent. */
  readonly withoutConsent: Set<string>;
  /** `jti` of client assertions that were taken. */
  readonly assertions: Set<string>;
  /** When each credential signed an application in last, by key id. */
  readonly uses: Map<string, number>;
  /** How the next token requests fail. */
  readonly failures: AadstsError[];
  readonly requests: ReceivedRequest[];
  readonly counts: { discovery: number; keys: number; authorize: number; token: number };
}

export type Signer = KeyObject | SigningKey | undefined;
