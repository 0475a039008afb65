// Who sits at this machine, as their identity provider says: known from the last sign-in, renewed silently, or asked for.
import type { CallerToken, CallerTokens } from '../../base/caller-tokens.ts';
import { SignInAgain } from '../../base/caller-tokens.ts';
import type { Clock } from '../../base/clock.ts';
import { GenkanError, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Leases } from '../../state/leases.ts';
import { reasonOf } from '../failed-sign-in.ts';
import type { IdentityRecord } from '../identity-record.ts';
import type { PublicProvider } from './provider.ts';
import type { Kept, Remembered, Shown } from './remembered.ts';
import type { Ways } from './ways.ts';

export interface LocalVerified {
  readonly outcome: 'allow';
  readonly principal: Principal;
  readonly expiresAtMs: number;
}

export interface LocalSignIn {
  /**
   * At once while the last sign-in is good. Otherwise it is renewed, and if need be the person is asked; whoever waits for
   * that does not wait long, and learns where they are asked.
   * @param again nobody is to be asked; whether somebody has signed out meanwhile is looked up
   */
  verify(again?: true): LocalVerified | Promise<LocalVerified | Refusal>;
  /** Asks the person, unless they are signed in, and waits for it. @throws GenkanError when they do not come in */
  signIn(): Promise<Principal>;
  /** Forgets the sign-in, here and in every process of this person. @returns whose it was */
  signOut(): Promise<string | undefined>;
  readonly callerTokens: CallerTokens;
  close(): void;
}

interface LocalSignInNeighbours {
  readonly provider: PublicProvider;
  readonly ways: Ways;
  readonly remembered: Remembered;
  readonly leases: Leases;
  readonly record: IdentityRecord;
  readonly clock: Clock;
  readonly log: Log;
  /** Shows a page to the person; absent where nobody would see it. */
  readonly open?: (url: URL) => Promise<boolean>;
  /** Tells the person at the terminal, if there is one. */
  readonly tell: (shown: Shown) => void;
}

/** A message waits this long for somebody who signs in in a browser: clients give up after a minute. */
const patienceMs = 20_000;
/** One who has not signed in by then has gone away. */
const askingMs = 600_000;
/** Renewed this long before its end. */
const leadMs = 300_000;
const pollMs = 100;
const nowhere = { sourceIP: '', userAgent: 'genkan-local' };

interface Asking {
  readonly done: Promise<LocalVerified>;
}

export function createLocalSignIn(neighbours: LocalSignInNeighbours): LocalSignIn {
  const { provider, ways, remembered, leases, record, clock, log, open, tell } = neighbours;
  const lease = `local-sign-in ${provider.name}`;
  const closed = new AbortController();
  const tokens = new Map<string, CallerToken>();
  let known: LocalVerified | undefined;
  let asking: Asking | undefined;

  function believed(kept: Kept): LocalVerified {
    const { person, contexts, expiresAtMs } = kept;
    // What others remember about a principal stays good for as long as nothing about it has changed.
    const principal: Principal = Object.freeze({
      id: person.id,
      kind: 'user',
      name: person.name,
      groups: person.groups,
      contexts,
    });
    if (known !== undefined && JSON.stringify(known.principal) === JSON.stringify(principal))
      return (known = { ...known, expiresAtMs });
    tokens.clear();
    return (known = { outcome: 'allow', principal, expiresAtMs });
  }

  const isGood = ({ expiresAtMs, demanded }: Kept, leftMs = 0): boolean =>
    demanded === undefined && clock.now() < expiresAtMs - leftMs;

  /** One process at a time: a refresh token that is good once must not be shown twice. */
  async function renewed(): Promise<LocalVerified | undefined> {
    const kept = await remembered.read();
    if (kept === undefined) return void (known = undefined);
    if (isGood(kept, leadMs)) return believed(kept);
    return leases.hold(`${lease} renewal`, async () => {
      const now = await remembered.read();
      if (now === undefined || isGood(now, leadMs)) return now && believed(now);
      const next = await ways.silently(now).catch((error: unknown) => {
        if (isGood(now)) return now; // the provider may be back before it ends
        throw error;
      });
      if (next === undefined) return isGood(now) ? believed(now) : void (known = undefined);
      if (next !== now) await remembered.write(next); // before anything else can fail
      return believed(next);
    });
  }

  /** Asks the person. Of several processes one asks, and the others wait for what becomes of it. */
  function ask(): Asking {
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(askingMs)]);
    const show = async (shown: Shown): Promise<void> => {
      await remembered.ask(shown, clock.now() + askingMs);
      tell(shown);
    };
    const work = async (): Promise<LocalVerified> => {
      const meanwhile = await renewed();
      if (meanwhile !== undefined) return meanwhile;
      const claims = (await remembered.read())?.demanded;
      let how = 'broker';
      let kept = await ways.byBroker(claims);
      if (kept === undefined && open !== undefined) {
        how = 'browser';
        kept = await ways.inBrowser(open, show, signal, claims);
      }
      if (kept === undefined) {
        how = 'device code';
        kept = await ways.withDeviceCode(show, signal, claims);
      }
      await remembered.write(kept);
      await record.write(
        {
          action: 'identity.signIn',
          result: 'allowed',
          user: kept.person.id,
          resource: provider.name,
          details: { person: kept.person.name, how, local: true },
        },
        nowhere,
      );
      return believed(kept);
    };
    const inTurn = () => work().finally(() => remembered.answered());
    const begun: Asking = { done: leases.hold(lease, inTurn, { ttlMs: 60_000, waitMs: askingMs }) };
    begun.done
      .catch(async (error: unknown) => {
        log.warn({ reason: (error as Error).message }, 'nobody signed in');
        if (closed.signal.aborted) return;
        const code = error instanceof GenkanError ? error.code : 'identity_sign_in_failed';
        await record.write(
          { action: 'identity.signIn', result: 'failed', resource: provider.name, details: { code, local: true } },
          nowhere,
        );
      })
      .catch(() => undefined) // it failed in any case
      .finally(() => (asking = asking === begun ? undefined : asking));
    return (asking = begun);
  }

  function pending(shown: Shown | undefined): Refusal {
    if (shown === undefined) return refuse('identity_local_elsewhere', {}, { outcome: 'challenge' });
    const { url, code } = shown;
    if (code === undefined) return refuse('identity_local_browser', { url }, { outcome: 'challenge', data: { url } });
    return refuse('identity_local_device_code', { url, code }, { outcome: 'challenge', data: { url, code } });
  }

  async function find(again: boolean): Promise<LocalVerified | Refusal> {
    try {
      const found = await renewed();
      if (found !== undefined) return found;
      if (again) return refuse('identity_sign_in_again', {}, { outcome: 'challenge' });
      const begun = asking ?? ask();
      return (await Promise.race([begun.done, told(begun)])) ?? pending(await remembered.asked());
    } catch (error) {
      const fault = error instanceof GenkanError ? error : failed(error);
      return { ...fault.toRefusal(), outcome: 'challenge' };
    }
  }

  /** Resolves when nobody should wait any longer: at once for a code, which has to be told before it can be entered. */
  async function told(begun: Asking): Promise<undefined> {
    const untilMs = clock.now() + patienceMs;
    while (clock.now() < untilMs && asking === begun && (await remembered.asked())?.code === undefined)
      await new Promise((resolve) => setTimeout(resolve, pollMs).unref());
  }

  return {
    verify(again) {
      if (again === undefined && known !== undefined && clock.now() < known.expiresAtMs) return known;
      return find(again === true);
    },
    async signIn() {
      return ((await renewed()) ?? (await (asking ?? ask()).done)).principal;
    },
    async signOut() {
      const kept = await remembered.read();
      const was = await remembered.forget();
      known = undefined;
      tokens.clear();
      if (kept !== undefined)
        await record.write(
          {
            action: 'identity.signOut',
            result: 'allowed',
            user: kept.person.id,
            resource: provider.name,
            details: { person: kept.person.name, local: true },
          },
          nowhere,
        );
      return was ? (kept?.person.name ?? '') : undefined;
    },
    callerTokens: {
      async tokenFor(person, scopes, renew = false, claims) {
        const key = scopes.join(' ');
        const had = tokens.get(key);
        if (!renew && had !== undefined && clock.now() < had.expiresAtMs - leadMs && known?.principal.id === person)
          return had;
        return leases.hold(`${lease} renewal`, async () => {
          const kept = await remembered.read();
          if (kept === undefined || kept.person.id !== person || kept.demanded !== undefined) throw new SignInAgain();
          if (claims !== undefined) {
            await remembered.write({ ...kept, demanded: claims });
            known = undefined;
            throw new SignInAgain('it demands more of the sign-in', claims);
          }
          const { token, kept: next } = await ways.tokenFor(kept, key).catch((error: Error) => {
            log.warn({ scopes: key, reason: error.message }, 'there is no token in the name of the person');
            throw error;
          });
          if (next !== kept) await remembered.write(next);
          tokens.set(key, token);
          return token;
        });
      },
    },
    close: () => closed.abort(new GenkanError('gateway_stopping')),
  };
}

const failed = (cause: unknown): GenkanError =>
  new GenkanError('identity_sign_in_failed', {}, { cause, detail: reasonOf(cause) });
