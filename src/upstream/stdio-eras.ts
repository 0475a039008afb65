// Finds out which families of revisions a stdio server speaks, by asking children that are started for it.
import { setTimeout as passed } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Era, RequestMessage } from '../protocol/message.ts';
import type { Breaker } from './breaker.ts';
import type { Kept } from './kept-children.ts';
import { ownDiscover, ownInitialize, saysLegacy, saysModern } from './probe.ts';

/** What is known of a program, and until when. */
export type Verdicts = Map<Era, { readonly speaks: boolean; readonly untilMs: number }>;

export interface StdioErasOptions {
  readonly server: string;
  readonly clock: Clock;
  /** Where it is kept, when several want to know it of one program. */
  readonly verdicts?: Verdicts | undefined;
  /** Fetches what starting children takes. */
  readonly prepare: () => Promise<(era: Era, opening: RequestMessage) => Kept>;
  /** Keeps a child whose conversation is open already. */
  readonly keep: (kept: Kept) => void;
  readonly breaker: Breaker;
}

export interface StdioEras {
  /** As `Upstream.eraFor`. @param initialize the client's own, with which its conversation would begin */
  eraFor(client: Era, initialize: RequestMessage | undefined): Promise<Era>;
  /** What was known has turned out to be wrong. */
  forget(): void;
}

/** An answer, or why there is none. */
type Finding = 'yes' | 'no' | Error;

const sureMs = 24 * 3600 * 1000;
/** For what follows from silence alone. */
const unsureMs = 3600 * 1000;
const leastPatienceMs = 1000;

export function createStdioEras(options: StdioErasOptions): StdioEras {
  const { server, clock, verdicts = new Map() as Verdicts, prepare, keep, breaker } = options;
  const asking = new Map<Era, Promise<Era>>();

  function known(era: Era): boolean | undefined {
    const verdict = verdicts.get(era);
    return verdict !== undefined && clock.now() < verdict.untilMs ? verdict.speaks : undefined;
  }

  const learn = (era: Era, speaks: boolean, forMs = sureMs): unknown =>
    verdicts.set(era, { speaks, untilMs: clock.now() + forMs });

  /** Opens the client's own conversation. That the server does not take it may be the client's fault, and says nothing. */
  async function opens(initialize: RequestMessage): Promise<boolean> {
    const start = await prepare();
    const child = start('legacy', initialize);
    const finding = await findingOf(child);
    if (finding === 'yes') {
      breaker.succeeded();
      learn('legacy', true);
      keep(child);
      return true;
    }
    void child.channel.close();
    if (!isSilence(finding)) return false;
    breaker.failed();
    throw finding;
  }

  /**
   * Asks in both families side by side, since a server may take long to start; each in a child of its own, since some exit
   * on a first message that they do not know.
   */
  async function askBoth(client: Era, initialize?: RequestMessage): Promise<Era> {
    const other = client === 'modern' ? 'legacy' : 'modern';
    const openings = { modern: ownDiscover(), legacy: initialize ?? ownInitialize() };
    const goOn = (child: Kept): void => {
      if (child.channel.era === 'modern' || initialize !== undefined) keep(child);
      else void child.channel.close(); // nobody begins with our words
    };
    const start = await prepare();
    const own = start(client, openings[client]);
    const sibling = start(other, openings[other]);
    const siblings = findingOf(sibling);
    const finding = await heard(findingOf(own), siblings);
    if (finding === 'yes') {
      void sibling.channel.close();
      breaker.succeeded();
      learn(client, true);
      goOn(own);
      return client;
    }
    void own.channel.close();
    const otherFinding = await siblings;
    if (otherFinding === 'yes') {
      breaker.succeeded();
      learn(other, true);
      learn(client, false, finding === 'no' ? sureMs : unsureMs);
      goOn(sibling);
      return other;
    }
    void sibling.channel.close();
    // One client's words must not put the server out of service for all others.
    if (initialize !== undefined && !isSilence(otherFinding)) return askBoth(client);
    breaker.failed();
    if (finding !== 'no') throw finding;
    if (otherFinding !== 'no') throw otherFinding;
    throw new GenkanError('upstream_unavailable', { server }, { detail: 'it speaks no revision of MCP that we know' });
  }

  async function ask(client: Era, initialize: RequestMessage | undefined): Promise<Era> {
    if (client === 'modern') return askBoth(client, initialize);
    if (initialize !== undefined && known(client) === undefined && (await opens(initialize))) return client;
    return askBoth(client); // what one client says of itself decides nothing for all others
  }

  return {
    async eraFor(client, initialize) {
      const own = known(client);
      if (own === true) return client;
      const other = client === 'modern' ? 'legacy' : 'modern';
      if (own === false && known(other) === true) return other;
      // However many want to know, one asks: what is started to ask is not counted among the conversations.
      let asked = asking.get(client);
      if (asked === undefined) {
        asked = ask(client, initialize).finally(() => asking.delete(client));
        asking.set(client, asked);
      }
      return asked;
    },
    forget: () => verdicts.clear(),
  };
}

/** Who has waited in vain does not wait once more. */
const isSilence = (finding: Finding): finding is Error =>
  finding instanceof GenkanError && finding.code === 'upstream_timeout';

async function findingOf({ channel, opening }: Kept): Promise<Finding> {
  try {
    const answer = await channel.ask(opening);
    return (channel.era === 'modern' ? saysModern(answer) : saysLegacy(answer)) ? 'yes' : 'no';
  } catch (error) {
    return error as Error;
  }
}

/**
 * MCP 2026-07-28, stdio, "Backward Compatibility": a server may also keep silent in a family that it does not speak. That is
 * believed of one alone that has answered in the other family, and not before it has had that time again.
 */
async function heard(own: Promise<Finding>, sibling: Promise<Finding>): Promise<Finding> {
  const startedMs = performance.now();
  const answered = new AbortController();
  const silence = sibling.then(async (finding) => {
    if (finding !== 'yes') return own;
    const patienceMs = performance.now() - startedMs + leastPatienceMs;
    await passed(patienceMs, undefined, { signal: answered.signal }).catch(() => undefined);
    return new Error('it keeps silent');
  });
  try {
    return await Promise.race([own, silence]);
  } finally {
    answered.abort();
  }
}
