// Sign-ins under way at the identity provider: each is finished once, in time, and in the browser in which it was begun.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import type { Database } from '../state/database.ts';
import type { SignedIn, SignInLeg, SignInSecrets, SignInWish } from './sign-in-leg.ts';

interface FederationNeighbours {
  readonly leg: SignInLeg;
  readonly database: Database;
  readonly clock: Clock;
}

/** A sign-in that has come back from the identity provider. */
export interface Returned {
  /** The interaction with our own authorization server that it belongs to. */
  readonly interaction: string;
  /** `undefined` when the person or the provider called it off. */
  readonly signedIn: SignedIn | undefined;
}

export interface Federation {
  /**
   * Begins a sign-in and returns the address to send the browser to.
   * @param browser secret of the browser, kept in a cookie: only this browser can finish the sign-in
   * @throws GenkanError `identity_provider_unavailable`
   */
  begin(interaction: string, browser: string, wish?: SignInWish): Promise<URL>;
  /**
   * Ends a sign-in from the URL that the browser came back with.
   * @throws GenkanError `identity_sign_in_expired`, `identity_sign_in_failed`, `identity_provider_unavailable`
   */
  end(callback: URL, browser: string | undefined): Promise<Returned>;
}

interface Pending extends Omit<SignInSecrets, 'state'> {
  readonly interaction: string;
  readonly browserHash: string;
}

/** Tells pages of ours from interactions with our authorization server, whose ids have no colon. */
export const pagePrefix = 'page:';
export const isPage = (interaction: string): boolean => interaction.startsWith(pagePrefix);

const kind = 'FederatedSignIn';
const pendingSeconds = 600;

export function createFederation({ leg, database, clock }: FederationNeighbours): Federation {
  const calledOff = leg.calledOff ?? ((callback) => callback.searchParams.get('error') === 'access_denied');

  return {
    async begin(interaction, browser, wish = {}) {
      const secrets = { state: unguessableId(), nonce: unguessableId(), verifier: codeVerifier() };
      const target = await leg.authorizationUrl(secrets, wish);
      const { state, ...kept } = secrets;
      const pending: Pending = { interaction, browserHash: sha256(browser), ...kept };
      await database
        .insertInto('oidc_record')
        .values({
          kind,
          id: sha256(state),
          payload: JSON.stringify(pending),
          expires_at: clock.now() + pendingSeconds * 1000,
        })
        .execute();
      return target;
    },

    async end(callback, browser) {
      const state = callback.searchParams.get('state') ?? '';
      const pending = await take(state);
      if (pending === undefined) throw new GenkanError('identity_sign_in_expired');
      if (browser === undefined || !sameHash(sha256(browser), pending.browserHash))
        throw new GenkanError('identity_sign_in_expired', {}, { detail: 'the sign-in was begun in another browser' });
      const { interaction } = pending;
      if (calledOff(callback)) return { interaction, signedIn: undefined };
      return { interaction, signedIn: await leg.redeem(callback, { ...pending, state }) };
    },
  };

  // Deleting is what makes a state good for one use only, whichever process it comes back to.
  async function take(state: string): Promise<Pending | undefined> {
    const row = await database
      .deleteFrom('oidc_record')
      .where('kind', '=', kind)
      .where('id', '=', sha256(state))
      .returning(['payload', 'expires_at'])
      .executeTakeFirst();
    if (row === undefined || (row.expires_at ?? 0) <= clock.now()) return undefined;
    return JSON.parse(row.payload) as Pending;
  }
}

/** 43 characters, RFC 7636 §4.1. */
const codeVerifier = (): string => randomBytes(32).toString('base64url');
const sha256 = (value: string): string => createHash('sha256').update(value).digest('base64url');
const sameHash = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
