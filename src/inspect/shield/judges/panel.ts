// The judges together: asks each of them within bounds of number, time and memory, and keeps what it said for a while.
import { hash } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { Direction } from '../../direction.ts';
import { NoVerdict } from './judge.ts';
import type { Judge, NoVerdictReason, Verdict } from './judge.ts';
import type { JudgeSettings } from './settings.ts';

/** A judge, and what its word counts for. */
export interface Member extends Pick<
  JudgeSettings,
  'when' | 'mayClear' | 'onFailure' | 'timeoutMs' | 'maxRequests' | 'maxPerMinute' | 'directions' | 'servers'
> {
  readonly judge: Judge;
}

/** What one judge says of one text; undefined when it says nothing. */
export type Answer = Verdict | undefined;

export interface Panel {
  readonly members: readonly Member[];
  /** Asks about the first of the texts, as many as may be asked about; of the others it says nothing. Never rejects. */
  ask(member: Member, texts: readonly string[], direction: Direction): Promise<readonly Answer[]>;
}

export interface PanelNeighbours {
  readonly clock: Clock;
  readonly log: Log;
  /** Counts one question. */
  readonly count: (judge: string, said: 'attack' | 'harmless' | NoVerdictReason | 'remembered') => void;
  readonly took: (judge: string, seconds: number) => void;
}

/** Questions of one judge under way; a flood of messages must not become a flood of requests. */
const maxUnderWay = 32;
const maxRemembered = 4096;
const rememberedMs = 3_600_000;
const minuteMs = 60_000;
/** A judge that is silent is told of once in this time. */
const tellEveryMs = 60_000;

export function createPanel(members: readonly Member[], { clock, log, count, took }: PanelNeighbours): Panel {
  const desks = new Map(members.map((member) => [member, createDesk(member)]));

  function createDesk({ judge, timeoutMs, maxPerMinute }: Member) {
    // Only digests: the texts are not kept. One process, one judge, one meaning of "prompt" or "document".
    const known = new Map<string, { readonly verdict: Verdict; readonly untilMs: number }>();
    let underWay = 0;
    let minute = { sinceMs: -Infinity, questions: 0 };
    let toldAtMs = -Infinity;

    async function ask(text: string, direction: Direction): Promise<Answer> {
      const said = direction === 'arguments' ? 'prompt' : 'document';
      const key = `${said} ${hash('sha256', text, 'base64')}`;
      const before = known.get(key);
      if (before !== undefined && clock.now() < before.untilMs) {
        count(judge.name, 'remembered');
        return before.verdict;
      }
      if (clock.now() - minute.sinceMs >= minuteMs) minute = { sinceMs: clock.now(), questions: 0 };
      if (underWay >= maxUnderWay || minute.questions >= maxPerMinute) return silent('busy');
      minute.questions++;
      underWay++;
      const startedAtMs = performance.now();
      try {
        const verdict = await within(timeoutMs, (signal) => judge.judge(text, said, signal));
        known.delete(key);
        if (known.size >= maxRemembered) known.delete(known.keys().next().value!);
        known.set(key, { verdict, untilMs: clock.now() + rememberedMs });
        count(judge.name, verdict.isAttack ? 'attack' : 'harmless');
        return verdict;
      } catch (error) {
        return silent(error instanceof NoVerdict ? error.reason : 'failed');
      } finally {
        underWay--;
        took(judge.name, (performance.now() - startedAtMs) / 1000);
      }
    }

    function silent(reason: NoVerdictReason): undefined {
      count(judge.name, reason);
      const nowMs = clock.now();
      if (nowMs - toldAtMs < tellEveryMs) return;
      toldAtMs = nowMs;
      log.warn({ judge: judge.name, reason }, 'a judge has no opinion');
    }
    return { ask, silent };
  }

  return {
    members,
    ask(member, texts, direction) {
      const { ask, silent } = desks.get(member)!;
      const { maxCharacters } = member.judge;
      return Promise.all(
        texts.map(async (text, index) =>
          index < member.maxRequests && text.length <= maxCharacters ? ask(text, direction) : silent('too_much'),
        ),
      );
    },
  };
}

/** Also ends the wait for a judge that does not heed the signal. */
async function within<Value>(ms: number, act: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const timeout = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new NoVerdict('timeout'));
    timeout.abort();
  }, ms);
  try {
    return await Promise.race([act(timeout.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
