// Redaction: which stretches of a text are secret or personal, and what stands there instead.
import { createActs } from './acts.ts';
import type { Place } from './acts.ts';
import { readSensitive } from './reading.ts';
import { ruleGroups } from './rules.ts';
import type { Encoded, Hit, Rule } from './rules.ts';
import type { Act, RedactionSettings } from './settings.ts';
import type { Tokens } from './tokens.ts';

/** What is known of a text besides itself. */
export interface TextContext extends Place {
  /** Name of the member that the text is the value of: `password` says more than its value. */
  readonly key?: string;
  /** Principal id of whoever hears it: without one nothing is tokenised, and masked instead. */
  readonly person?: string;
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

/** @param tokens absent where the settings tokenise nothing */
export function createRedaction(
  settings: RedactionSettings,
  { tokens }: { readonly tokens?: Tokens | undefined } = {},
): Redaction {
  const actsAt = createActs(settings);
  return {
    find(text, context = {}) {
      const hits = text.length < leastText ? [] : readSensitive(text, context.key ?? '');
      if (hits.length === 0) return nothing;
      const { person, server } = context;
      const write =
        tokens === undefined || person === undefined || server === undefined
          ? undefined
          : (from: number, to: number, rule: Rule) => tokens.write(text.slice(from, to), rule, { person, server });
      return resolve(hits, actsAt(context), write);
    },
  };
}

type Write = (from: number, to: number, rule: Rule) => string | undefined;

/** @param write makes tokens; what is encoded has none, since nobody would find it there to put the value back */
function resolve(hits: readonly Hit[], acts: Readonly<Record<Rule, Act>>, write?: Write): readonly Sensitive[] {
  const found: Sensitive[] = [];
  for (const { from, to, rule, mask, inner } of hits) {
    if (inner === undefined) {
      const act = acts[rule];
      if (act === 'off') continue;
      const replacement = (act === 'tokenise' ? write?.(from, to, rule) : undefined) ?? mask;
      found.push({ from, to, kind: kindOf(rule), rule, act, replacement });
      continue;
    }
    const within = resolve(inner.hits, acts);
    if (within.length === 0) continue;
    const { rule: worst, act } = within.reduce((one, other) => (severity[other.act] > severity[one.act] ? other : one));
    found.push({ from, to, kind: kindOf(worst), rule: worst, act, replacement: encoded(inner, within) });
  }
  return found;
}

function encoded({ text, goesOn, encode }: Encoded, within: readonly Sensitive[]): string {
  const last = within.findLastIndex(({ act }) => act !== 'flag');
  for (let more = 0; ; more++) {
    const longer = within.map((each, index) =>
      index === last ? { ...each, replacement: each.replacement + '*'.repeat(more) } : each,
    );
    const written = encode(withReplacements(text, longer));
    if (!goesOn || more === 2 || written.replaceAll('\n', '').length % 4 === 0) return written;
  }
}

const kindOf = (rule: Rule): Sensitive['kind'] => (ruleGroups[rule] === 'secrets' ? 'secret' : 'personal');

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
