// Who is at the other end of the pipe: asked of the gateway with every message, and known without a token.
import { unverifiedPerson } from '../identity/local/unverified-person.ts';
import type { Verified } from '../gateway/gateway.ts';

export function createLocalIdentity(account: string): { readonly verify: () => Verified } {
  const verified: Verified = { outcome: 'allow', principal: unverifiedPerson(account) };
  return { verify: () => verified };
}
