// What Microsoft Graph says of one person, asked in their own name; kept for a moment, and never asked for in a rush.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { retryAfterMs } from '../../base/retry-after.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Credential } from '../authorization/credential.ts';
import { HttpStatusFault } from '../http-link.ts';

export interface Profile {
  /**
   * @throws GenkanError `upstream_busy` when Graph has to be left alone for longer than the call may take,
   *   `upstream_sign_in_required`, `upstream_unavailable`, `upstream_answer_invalid`
   */
  read(signal?: AbortSignal): Promise<JsonObject>;
}

export interface ProfileOptions {
  readonly server: string;
  /** Principal id, `{oid}@{tid}`. */
  readonly person: string;
  readonly graphUrl: string;
  readonly fields: readonly string[];
  readonly deadlineMs: number;
}

export interface ProfileNeighbours {
  /** Of this person. */
  readonly credential: Credential;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const freshMs = 60_000;
const firstPauseMs = 500;
const longestPauseMs = 20_000;
const maxBytes = 64 * 1024;
const busy = new Set([429, 502, 503, 504]);

export function createProfile(options: ProfileOptions, neighbours: ProfileNeighbours): Profile {
  const { server, person, graphUrl, fields, deadlineMs } = options;
  const { credential, fetch, clock, random, wait } = neighbours;
  const address = `${graphUrl}/v1.0/me?$select=${[...new Set(['id', ...fields])].join(',')}`;
  let known: { readonly profile: JsonObject; readonly untilMs: number } | undefined;
  /** Graph counts by person as well, and every call before this moment makes it longer. */
  let busyUntilMs = 0;

  async function ask(signal: AbortSignal, untilMs: number): Promise<JsonObject> {
    let renewed = false;
    for (let attempt = 0; ; attempt++) {
      await pause(untilMs, signal);
      const shown = await credential.header();
      const answer = await fetch(address, {
        headers: { authorization: shown!, accept: 'application/json' },
        redirect: 'manual', // the token is for this address alone
        signal,
      }).catch((cause: unknown) => {
        throw signal.aborted ? signal.reason : unavailable('it cannot be reached', cause);
      });
      if (answer.ok) return read(answer);
      await answer.body?.cancel();
      if (busy.has(answer.status)) {
        busyUntilMs =
          clock.now() + (retryAfterMs(answer.headers.get('retry-after'), clock.now()) ?? backOffMs(attempt, random));
        continue;
      }
      const challenge = answer.headers.get('www-authenticate') ?? undefined;
      await credential.refused(new HttpStatusFault(server, answer.status, challenge), shown, renewed);
      renewed = true;
    }
  }

  async function pause(untilMs: number, signal: AbortSignal): Promise<void> {
    const pauseMs = busyUntilMs - clock.now();
    if (pauseMs <= 0) return;
    if (clock.now() + pauseMs >= untilMs) {
      const seconds = Math.ceil(pauseMs / 1000);
      throw new GenkanError('upstream_busy', { server, seconds }, { data: { retryAfterSeconds: seconds } });
    }
    await wait(pauseMs, signal);
  }

  async function read(answer: Response): Promise<JsonObject> {
    const told: unknown = JSON.parse(await boundedText(answer));
    if (!isJsonObject(told)) throw invalid('it is no object');
    // Whatever went wrong on the way, nobody is shown anybody else.
    const { id } = told;
    if (typeof id !== 'string' || !person.startsWith(`${id.toLowerCase()}@`))
      throw invalid('it tells of somebody else');
    return Object.fromEntries(fields.map((field) => [field, plain(told[field])]));
  }

  async function boundedText(answer: Response): Promise<string> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of answer.body ?? []) {
      size += part.length;
      if (size > maxBytes) throw invalid(`it has more than ${maxBytes} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  const unavailable = (detail: string, cause: unknown): GenkanError =>
    new GenkanError('upstream_unavailable', { server }, { detail, cause });
  const invalid = (detail: string): GenkanError => new GenkanError('upstream_answer_invalid', { server }, { detail });

  return {
    async read(given) {
      if (known !== undefined && clock.now() < known.untilMs) return known.profile;
      const untilMs = clock.now() + deadlineMs;
      const late = AbortSignal.timeout(deadlineMs);
      try {
        const profile = await ask(given === undefined ? late : AbortSignal.any([given, late]), untilMs);
        known = { profile, untilMs: clock.now() + freshMs };
        return profile;
      } catch (error) {
        if (late.aborted && given?.aborted !== true)
          throw new GenkanError('upstream_timeout', { server, seconds: deadlineMs / 1000 });
        if (error instanceof SyntaxError) throw invalid('it is no JSON');
        throw error;
      }
    },
  };
}

/** Twice as long each time, and nobody at the same moment as everybody else. */
const backOffMs = (attempt: number, random: () => number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** attempt) * (0.5 + random() / 2);

/** A property of a user: a text, a list of texts, or nothing. */
function plain(value: unknown): string | readonly string[] | null {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : null;
}
