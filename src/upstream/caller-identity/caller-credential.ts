// What a server over HTTP is shown that acts as its callers: a token in the person's name, and what to do when it is turned away.
import type { CallerToken, CallerTokens } from '../../base/caller-tokens.ts';
import { SignInAgain } from '../../base/caller-tokens.ts';
import { readChallenge } from '../authorization/challenge.ts';
import type { Credential } from '../authorization/credential.ts';
import type { CallerDesk } from './caller-desk.ts';

export function createCallerCredential(
  person: string,
  scopes: readonly string[],
  callers: CallerTokens,
  desk: Pick<CallerDesk, 'signInRequired'>,
): Credential {
  /** Fresh, and turned away all the same: one more would be as well. */
  let unwelcome: string | undefined;
  const token = (renewed = false, claims?: string): Promise<CallerToken> =>
    asCaller(person, desk, () => callers.tokenFor(person, scopes, renewed, claims));

  return {
    async header() {
      return headerOf(await token());
    },

    async refused(fault, shown, renewed = false) {
      // Rights that are missing at the provider no sign-in brings.
      if (fault.status !== 401) throw fault;
      const { claims } = readChallenge(fault.challenge);
      if (renewed) unwelcome = shown;
      if (claims === undefined && shown === unwelcome) throw fault;
      if (!renewed && headerOf(await token(true, claims)) !== shown) return;
      if (claims === undefined) throw fault;
      throw await desk.signInRequired(person, 'it demands more of the sign-in', claims);
    },
  };
}

/** Does what takes a token of a person, and says where to sign in when that is what it takes. */
export async function asCaller<Value>(
  person: string,
  desk: Pick<CallerDesk, 'signInRequired'>,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SignInAgain)) throw error;
    throw await desk.signInRequired(person, 'its tokens want a new sign-in', error.claims);
  }
}

const headerOf = ({ token }: CallerToken): string => `Bearer ${token}`;
