// Redaction: which stretches of a text are secret or personal, and what stands there instead.
import { createActs } from './acts.ts';
import type { Place } from './acts.ts';
import { readSensitive } from './reading.ts';
import { ruleGroups } from './rules.ts';
import type { Hit, Rule } from './rules.ts';
import type { Act, RedactionSettings } from './settings.ts';

/** What is known of a text besides itself. */
export interface TextContext extends Place {
  /** Name of the member that the text is the value of: `password` says more than its value. */
  readonly key?: string;
}

/** A stretch that has to be dealt with. */
export interface Sensitive {
  readonly from: number;
  readonly to: number;
  readonly kind: 'secret' | 'personal';
  readonly rule: Rule;
  /** Never `off`. */
  readonly act: Exclude<Act, 'off'>;
  /** What stands there instead where it is redacted or tokenised; for other acts what it stands there for. */
  readonly replacement: string;
}

export interface Redaction {
  /** In order, without overlaps. Takes time linear in the text. */
  find(text: string, context?: TextContext): readonly Sensitive[];
}

const nothing: readonly Sensitive[] = [];

export function createRedaction(settings: RedactionSettings): Redaction {
  const actsAt = createActs(settings);
  return {
    find(text, context = {}) {
      const hits = text.length < leastText ? [] : readSensitive(text, context.key ?? '');
      if (hits.length === 0) return nothing;
      const acts = actsAt(context);
      return resolve(hits, acts);
    },
  };

  function resolve(hits: readonly Hit[], acts: Readonly<Record<Rule, Act>>): readonly Sensitive[] {
    const found: Sensitive[] = [];
    for (const { from, to, rule, mask, inner } of hits) {
      if (inner !== undefined) {
        const within = resolve(inner.hits, acts);
        if (within.length === 0) continue;
        const worst = within.reduce((one, other) => (severity[other.act] > severity[one.act] ? other : one));
        const replacement = inner.encode(withReplacements(inner.text, within));
        found.push({ from, to, kind: worst.kind, rule: worst.rule, act: worst.act, replacement });
        continue;
      }
      const act = acts[rule];
      if (act === 'off') continue;
      found.push({
        from,
        to,
        kind: ruleGroups[rule] === 'secrets' ? 'secret' : 'personal',
        rule,
        act,
        replacement: mask,
      });
    }
    return found;
  }
}

/** Nothing that is found is shorter: `pw=1234`. */
const leastText = 4;
const severity: Record<Act, number> = { off: 0, flag: 1, tokenise: 2, redact: 3, block: 4 };

/** A text with what has to go replaced; what is only flagged stays. */
export function withReplacements(text: string, found: readonly Sensitive[]): string {
  let [written, at] = ['', 0];
  for (const { from, to, act, replacement } of found) {
    if (act === 'flag') continue;
    written += text.slice(at, from) + replacement;
    at = to;
  }
  return at === 0 ? text : written + text.slice(at);
}
