// Taint rules: what one conversation has read of a private source may not leave by a public sink, least of all at a stranger's word.
import type { Clock } from '../../base/clock.ts';
import { parseDuration } from '../../base/duration.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import type { Finding } from '../finding.ts';
import { compile, createLabels } from './labels.ts';
import type { Labelled, Labels } from './labels.ts';
import { createMarks } from './marks.ts';
import type { Mark, Marks, Source, Talk } from './marks.ts';
import type { Consequence, Reading, TaintSettings, WrittenRule } from './settings.ts';

/** A flow that a rule is about. */
export interface TaintFinding extends Finding {
  readonly kind: 'tainted';
  readonly action: 'flag' | 'ask' | 'block';
  /** What the conversation has read, by the records of the calls. */
  readonly sources: readonly {
    readonly reads: Reading;
    readonly server: string;
    readonly name: string;
    readonly at: string;
    readonly correlationId: string;
  }[];
}

export interface Taint {
  labelsOf(about: Labelled): Labels;
  /**
   * Asked of every call before it goes on: whether what its conversation has read may go where it sends.
   * @param again of what is under way: the conversation does not go on by it, and it counts once
   */
  check(who: Principal, about: Labelled, sends: Labels['sends'], again?: boolean): Promise<TaintFinding | undefined>;
  /** Before a call that reads is forwarded: its server may speak before it answers. */
  remember(who: Principal, reads: readonly Reading[], source: Source): Promise<void>;
  readonly marks: Pick<Marks, 'list' | 'clear'>;
}

export interface TaintNeighbours {
  readonly database: Database;
  readonly clock: Clock;
  /** Whether somebody can be asked at all. */
  readonly canAsk: boolean;
  readonly count: (finding: TaintFinding, server: string) => void;
}

export function createTaint(settings: TaintSettings, { database, clock, canAsk, count }: TaintNeighbours): Taint {
  const [idleMs, longestMs] = [parseDuration(settings.idle)!, parseDuration(settings.longest)!];
  const marks = createMarks(database, { idleMs, longestMs }, clock);
  const asks = canAsk && settings.ask !== undefined;
  const rules = (settings.rules ?? usualRules(asks)).map((rule) => ({
    ...rule,
    name: nameOf(rule),
    isAbout: compile(rule.match),
  }));
  const talkOf = ({ id, clientId = '' }: Principal): Talk => ({
    person: id,
    client: settings.conversation === 'client' ? clientId : '',
  });

  return {
    labelsOf: createLabels(settings),
    async check(who, about, sends, again = false) {
      const talk = talkOf(who);
      if (!again) await marks.touch(talk);
      if (sends === 'none') return undefined;
      const fitting = rules.filter(({ to, isAbout }) => to.includes(sends) && isAbout(about));
      if (fitting.length === 0) return undefined;
      const read = await marks.of(talk);
      const broken = fitting.find(({ when }) => when.every((reading) => read.some(({ reads }) => reads === reading)));
      if (broken === undefined || broken.then === 'pass') return undefined;
      const sources = broken.when.map((reading) => read.find(({ reads }) => reads === reading)!);
      const action = actionOf(broken.then, asks);
      // It is the call as a whole that would let it out.
      const finding = { kind: 'tainted', rule: broken.name, at: '/params', from: 0, to: 0, action } as const;
      const whole = { ...finding, sources: sources.map(sourceOf) };
      if (!again) count(whole, about.server);
      return whole;
    },
    remember: (who, reads, source) => marks.put(talkOf(who), reads, source),
    marks,
  };
}

const usualRules = (asks: boolean): WrittenRule[] => [
  { when: ['private', 'untrusted'], to: ['public'], match: {}, then: asks ? 'approval' : 'block' },
  { when: ['private'], to: ['public'], match: {}, then: 'flag' },
];

const nameOf = ({ when, to }: WrittenRule): string => `${when.join(' + ')} to ${to.join(' or ')}`;

/** Where nobody can be asked, what had to be approved does not go on. */
const actionOf = (then: Consequence, asks: boolean): TaintFinding['action'] =>
  then === 'approval' ? (asks ? 'ask' : 'block') : then;

const sourceOf = ({ reads, server, name, readAtMs, correlationId }: Mark): TaintFinding['sources'][number] => ({
  reads,
  server,
  name,
  at: new Date(readAtMs).toISOString(),
  correlationId,
});
