// What one person shows to a server that asks for sign-in: the token for now, and what to do when it is not accepted.
import type { HttpStatusFault } from '../http-link.ts';
import { readChallenge, scopesOf, scopeUnion } from './challenge.ts';
import type { Connection } from './connection-store.ts';
import type { Tickets } from './sign-in-required.ts';
import type { TokenBook } from './token-book.ts';

export interface Credential {
  /** Value of the `Authorization` header; undefined while the person has not signed in there. */
  header(): Promise<string | undefined>;
  /**
   * Hears that the server turned a message away. Returns when there is another header to try, once.
   * @param shown the header that the message had
   * @param renewed whether that was fetched because an earlier one had been refused
   * @throws GenkanError `upstream_sign_in_required`, or the fault itself where signing in is no remedy
   */
  refused(fault: HttpStatusFault, shown: string | undefined, renewed?: boolean): Promise<void>;
}

export function createCredential(person: string, server: string, book: TokenBook, tickets: Tickets): Credential {
  /** Fresh, and refused all the same: one more would be as well. Without it a server that trusts nobody any more is asked for ever. */
  let unwelcome: string | undefined;
  return {
    async header() {
      return headerOf(await book.tokens(person));
    },

    async refused(fault, shown, renewed = false) {
      const challenge = readChallenge(fault.challenge);
      const lacksScope = fault.status === 403 && challenge.error === 'insufficient_scope';
      if (fault.status !== 401 && !lacksScope) throw fault;
      if (fault.status === 401 && renewed) unwelcome = shown;
      const { tokens } = await book.read(person);
      if (headerOf(tokens) !== shown && tokens !== undefined) return; // there is a newer one already
      if (fault.status === 401 && tokens !== undefined && shown !== unwelcome) {
        const fresh = await book.renew(person, tokens);
        if (fresh !== undefined && headerOf(fresh) !== shown) return;
      }
      // MCP 2026-07-28, "Step-Up Authorization Flow" 4: to ask for what was granted already would never end.
      const granted = scopesOf(tokens?.scope);
      if (lacksScope && scopesOf(challenge.scope).every((scope) => granted.includes(scope))) throw fault;

      const { resourceMetadata } = challenge;
      const wanted = { scope: scopeUnion(tokens?.scope, challenge.scope), resourceMetadata };
      const known = await book.read(person);
      if (!same(known.wanted, wanted)) await book.change(person, (now) => ({ ...now, wanted }));
      throw tickets.signInRequired(person, server, lacksScope ? 'it wants more rights' : 'it wants a sign-in');
    },
  };
}

const headerOf = (tokens: Connection['tokens']): string | undefined => tokens && `Bearer ${tokens.access}`;

const same = (one: Connection['wanted'], other: NonNullable<Connection['wanted']>): boolean =>
  one !== undefined && one.scope === other.scope && one.resourceMetadata === other.resourceMetadata;
