// Who is at the other end of the pipe where nobody signs in: the account of this machine, and no tokens.
import type { CallerTokens } from '../base/caller-tokens.ts';
import { GenkanError } from '../base/errors.ts';
import type { LocalSignIn, LocalVerified } from '../identity/local/local-sign-in.ts';
import { unverifiedPerson } from '../identity/local/unverified-person.ts';

export interface LocalIdentity {
  readonly verify: LocalSignIn['verify'];
  /** Tokens with which servers are called in the person's name. */
  readonly callers: CallerTokens;
  close(): Promise<void>;
}

export function nobodysIdentity(account: string): LocalIdentity {
  const verified: LocalVerified = { outcome: 'allow', principal: unverifiedPerson(account), expiresAtMs: Infinity };
  return { verify: () => verified, callers: nobodysTokens, close: () => Promise.resolve() };
}

const nobodysTokens: CallerTokens = {
  tokenFor: () =>
    Promise.reject(new GenkanError('identity_on_behalf_impossible', {}, { detail: 'there is no identity provider' })),
};
