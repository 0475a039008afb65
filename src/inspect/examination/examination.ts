// What is said is examined: where the shield and the redaction look, what then happens to it, and what is said of that.
import { isDeepStrictEqual } from 'node:util';
import { unguessableId } from '../../base/ids.ts';
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import type { Direction } from '../direction.ts';
import type { Finding, FindingKind, Stretch } from '../finding.ts';
import type { Panel } from '../shield/judges/panel.ts';
import type { Shield } from '../shield/shield.ts';
import { edited, maskedIn, rewritten, textWith } from './edits.ts';
import type { Blot, Edits } from './edits.ts';
import { withFields, withoutOutputSchemas } from './fields.ts';
import { findIn, fresh, look } from './looking.ts';
import type { Pace, Seen, Work } from './looking.ts';
import { partsOf, partsOfArguments } from './parts.ts';
import type { Part } from './parts.ts';
import { createPolicy } from './policy.ts';
import type { Speech } from './policy.ts';
import { remembering } from './remembering.ts';
import { secondOpinions } from './second-opinions.ts';
import type { Consultation } from './second-opinions.ts';
import { strengths } from './settings.ts';
import type { Action, ExaminationSettings } from './settings.ts';
import { spotlight } from './spotlight.ts';
import { cutText, removedText } from './texts.ts';

/** A finding, and what was done. */
export interface Noted extends Finding {
  readonly action: Action | Hidden['act'];
}

/** What a server says, and to whom. */
export interface Saying<Kind extends Message = Message> extends Speech {
  readonly message: Kind;
  /** Of the request that is answered; of what is said unasked, its own. */
  readonly method: string;
  readonly language: Language;
  /** The member of the result that holds the list that was asked for. */
  readonly listed?: string | undefined;
  /** The schema that the tool promises its structured results to keep to. */
  readonly outputSchema?: unknown;
  /** The end of what was said before, in another message. */
  readonly before?: string;
}

export interface Examined<Kind extends Message = Message> {
  /** The very message, with its bytes, where nothing was to be changed. */
  readonly message: Kind;
  readonly findings: readonly Noted[];
  /** Set where the message may not reach its reader. */
  readonly blocked?: 'injection' | 'sensitive' | 'size';
  /** The end of its texts, for what is said next. */
  readonly tail: string;
}

export interface ExaminedCall {
  readonly action: 'off' | 'flag' | 'ask' | 'block';
  readonly findings: readonly Noted[];
}

export interface Examination {
  said<Kind extends Message>(saying: Saying<Kind>): Work<Examined<Kind>>;
  call(given: JsonObject, speech: Speech): Work<ExaminedCall>;
}

/** A stretch that redaction has found. */
export interface Hidden extends Stretch {
  readonly kind: FindingKind;
  readonly rule: string;
  readonly act: 'flag' | 'redact' | 'tokenise' | 'block';
  readonly replacement: string;
}

export interface ExaminationNeighbours {
  readonly shield: Shield;
  /** Who is asked for a second opinion. */
  readonly panel?: Panel | undefined;
  /** Redaction; linear in the text. */
  readonly hide: (speech: Speech, part: Part) => (text: string) => readonly Hidden[];
  /** Whether an edited result still keeps to the schema of its tool. */
  readonly keepsTo: (schema: JsonObject, value: JsonObject) => boolean;
  /**
   * Whether this item of a list was let through although one of its texts is certain: pins hold such an item until a person has
   * approved it. What is only suspicious, or certain only of several texts together or to a judge, they do not ask about.
   */
  readonly isApproved?: (server: string, member: string, item: unknown) => boolean;
  readonly count: (finding: Noted, server: string) => void;
}

export const metaMember = 'genkan/findings';
/** Told of one message; there may be thousands. */
const maxTold = 32;
const maxTail = 600;

export function createExamination(settings: ExaminationSettings, neighbours: ExaminationNeighbours): Examination {
  const { keepsTo, hide, isApproved = () => false, panel, count } = neighbours;
  const policy = createPolicy(settings);
  const { shield } = neighbours;
  const ofLists = remembering(shield);

  const isCertain = ({ score }: Pick<Seen, 'score'>): boolean => score >= shield.thresholds.block;

  function withAction(seen: Seen, speech: Speech): Judged {
    const actions = policy.actionsIn(seen.part.direction, speech);
    const action = isCertain(seen) ? actions.certain : actions.suspicious;
    const edits = action === 'spotlight' || action === 'redact';
    return { ...seen, action: edits && !seen.part.editable ? 'block' : action };
  }

  function* lookAt(parts: readonly Part[], speech: Speech, pace: Pace, before?: string): Work<Looked> {
    const isWatched = oncePer((direction: Direction) => {
      const { suspicious, certain } = policy.actionsIn(direction, speech);
      return suspicious !== 'off' || certain !== 'off';
    });
    const watched = parts.filter(({ direction }) => isWatched(direction));
    const seen: Seen[] = [];
    for (const each of [ofLists, shield]) {
      const own = watched.filter(({ direction }) => (direction === 'descriptions') === (each === ofLists));
      if (own.length === 0) continue;
      for (const one of yield* look(each, own, pace, before))
        if (one.score >= shield.thresholds.spotlight) seen.push(one);
    }
    return { watched, seen };
  }

  function* hiddenIn(parts: readonly Part[], speech: Speech, pace: Pace): Work<Map<Part, readonly Hidden[]>> {
    const hidden = new Map<Part, readonly Hidden[]>();
    for (const part of parts) {
      const find = hide(speech, part);
      const { length } = part.text;
      // A list may have hundreds of thousands of short texts, each too short for a slice of its own.
      const isQuick = length <= pace.left;
      if (isQuick) pace.left -= length;
      const found = isQuick ? find(part.text) : yield* findIn(find, part.text, pace);
      if (found.length > 0) hidden.set(part, found);
    }
    return hidden;
  }

  /** What is to be done with what was seen, once the judges were heard. */
  function* judge(
    { watched, seen }: Looked,
    speech: Speech,
    hiddenOf: (part: Part) => readonly Hidden[],
  ): Work<Judged[]> {
    const own = seen.map((each) => withAction(each, speech));
    const isLost = own.some(({ action, part: { unit } }) => action === 'block' && unit.kind === 'message');
    const matters: Consultation['matters'] = ({ direction }, { mayClear }, level) => {
      const { suspicious, certain } = policy.actionsIn(direction, speech);
      if (isLost || level === 'certain') return mayClear === 'certain';
      return level !== 'suspicious' || suspicious !== certain || mayClear !== 'nothing';
    };
    const masked = (part: Part, stretch: Stretch): string => maskedIn(part.text, stretch, hiddenOf(part));
    const heard =
      panel === undefined
        ? seen
        : yield* secondOpinions(panel, shield, { server: speech.server, parts: watched, seen, matters, masked });
    const judged = heard === seen ? own : heard.map((each) => withAction(each, speech));
    return judged.filter(({ action }) => action !== 'off');
  }

  /** Cuts what is too long. @returns the parts as they are then; undefined where it cannot be cut */
  function cut(parts: readonly Part[], saying: Saying): Part[] | undefined {
    const most = policy.maxCharacters(saying);
    let [left, rigid] = [most, most];
    const shorter: Part[] = [];
    for (const part of parts) {
      const { length } = part.text;
      const isProse = part.direction === 'results' && !part.isName && (part.member === 'text' || part.encoded);
      if (!isProse && (rigid -= length) < 0) return undefined;
      if (isProse && length > left) {
        const notice = t(cutText, saying.language, { server: saying.server, left: length - left });
        shorter.push({ ...part, text: `${part.text.slice(0, left).toWellFormed()}\n${notice}` });
      } else shorter.push(part);
      if (isProse) left = Math.max(0, left - length);
    }
    return shorter;
  }

  function* said<Kind extends Message>(saying: Saying<Kind>): Work<Examined<Kind>> {
    const { server, method, language, listed, name = '' } = saying;
    let message = saying.message as Message;
    if (message.kind === 'response' && message.result !== undefined) {
      const keep = method === 'tools/call' || method === 'tasks/result' ? policy.fieldsOf(server, name) : undefined;
      if (keep !== undefined) message = withFields(message, keep, language);
      if (settings.fields.length > 0 && listed === 'tools')
        message = withoutOutputSchemas(message, (tool) => policy.fieldsOf(server, tool) !== undefined);
    }
    const whole = yield* partsOf(message, method, listed);
    const parts = message.kind === 'response' && listed === undefined ? cut(whole, saying) : whole;
    if (parts === undefined) return { message: message as Kind, findings: [], blocked: 'size', tail: '' };

    const pace = fresh();
    const looked = yield* lookAt(parts, saying, pace, saying.before);
    const hidden = yield* hiddenIn(parts, saying, pace);
    const judged = yield* judge(looked, saying, (part) => hidden.get(part) ?? []);
    const findings = [...noted(judged), ...notedOf(hidden)];
    for (const finding of findings) count(finding, server);
    const tail = tailOf(parts);
    if (judged.some(({ action, part: { unit } }) => action === 'block' && unit.kind === 'message'))
      return { message: message as Kind, findings, blocked: 'injection', tail };
    if ([...hidden].some(([{ unit }, found]) => unit.kind === 'message' && found.some(({ act }) => act === 'block')))
      return { message: message as Kind, findings, blocked: 'sensitive', tail };

    const code = unguessableId().slice(0, 16);
    const fence = { server, language, code };
    const removed = (): string => t(removedText, language, { server });
    const [texts, names, without] = [new Map<string, string>(), new Map<string, string>(), new Set<string>()];
    const shortened = parts.filter((part, index) => part !== whole[index]);
    const ofParts = Map.groupBy(judged, ({ part }) => part);
    const cutShort = new Set(shortened);
    for (const part of new Set([...ofParts.keys(), ...hidden.keys(), ...shortened])) {
      const own = ofParts.get(part) ?? [];
      const secrets = (hidden.get(part) ?? []).filter(({ act }) => act !== 'flag');
      const blockedHere = own.some(({ action }) => action === 'block') || secrets.some(({ act }) => act === 'block');
      if (blockedHere && part.unit.kind === 'item') {
        const isPinned = (each: Judged): boolean => isCertain(each) && each.across !== true && each.byJudge !== true;
        const decided = secrets.length === 0 && own.every((each) => each.action !== 'block' || isPinned(each));
        const passes = decided && isApproved(server, listed!, at(message, part.unit.at));
        if (!passes) without.add(part.unit.at);
        continue;
      }
      if (blockedHere) {
        if (part.isName) without.add(part.at);
        else texts.set(part.at, removed());
        continue;
      }
      const blots = own.flatMap(({ from, to, action }): Blot[] => {
        if (action === 'flag') return [];
        const replace = action === 'redact' ? removed : (inside: string) => spotlight(inside, fence);
        return [{ from, to, replace }];
      });
      if (blots.length === 0 && secrets.length === 0 && !cutShort.has(part)) continue; // flagged only
      const written = textWith(part.text, secrets, blots);
      if (part.isName) names.set(part.at, written);
      else texts.set(part.at, part.encoded ? Buffer.from(written).toString('base64') : written);
    }
    // An address that is only noted is for the record; an answer that holds one keeps its bytes.
    const telling = findings.filter(({ kind, action }) => kind === 'injection' || action !== 'flag');
    if (telling.length === 0 && texts.size === 0) return { message: message as Kind, findings, tail };

    const meta = telling.length > 0 ? { [metaMember]: told(telling, server) } : undefined;
    const edits = { texts, names, without, meta };
    const structured = message.kind === 'response' ? message.result?.['structuredContent'] : undefined;
    if (isJsonObject(structured) && isTouched(edits, structuredAt)) {
      const value = rewritten(structured, structuredAt, edits) as JsonObject;
      if (isJsonObject(saying.outputSchema) && !keepsTo(saying.outputSchema, value))
        return { message: message as Kind, findings, blocked: judged.length > 0 ? 'injection' : 'sensitive', tail };
      for (const part of parts)
        if (part.member === 'text' && isTwin(part.text, structured)) texts.set(part.at, JSON.stringify(value));
    }
    return { message: edited(message, edits) as Kind, findings, tail };
  }

  return {
    said,
    *call(given, speech) {
      const parts = partsOfArguments(given);
      const pace = fresh();
      const looked = yield* lookAt(parts, speech, pace);
      const hidden = panel === undefined ? undefined : yield* hiddenIn(parts, speech, pace);
      const judged = yield* judge(looked, speech, (part) => hidden?.get(part) ?? []);
      const findings = noted(judged);
      for (const finding of findings) count(finding, speech.server);
      const strongest = judged.reduce<Action>(
        (most, { action }) => (strengths.indexOf(action) > strengths.indexOf(most) ? action : most),
        'off',
      );
      return { action: strongest as ExaminedCall['action'], findings };
    },
  };
}

/** There may be hundreds of thousands of texts, and they are of few kinds. */
function oncePer<Kind, Value>(find: (kind: Kind) => Value): (kind: Kind) => Value {
  const found = new Map<Kind, Value>();
  return (kind) => {
    if (!found.has(kind)) found.set(kind, find(kind));
    return found.get(kind)!;
  };
}

interface Judged extends Seen {
  readonly action: Action;
}

interface Looked {
  /** The texts of which anything could follow. */
  readonly watched: readonly Part[];
  readonly seen: readonly Seen[];
}

const noted = (judged: readonly Judged[]): Noted[] =>
  judged.map(({ part: { at }, from, to, score, why, action }) => {
    return { kind: 'injection', rule: why[0] ?? 'model', score: Math.round(score * 1000) / 1000, at, from, to, action };
  });

const notedOf = (hidden: ReadonlyMap<Part, readonly Hidden[]>): Noted[] =>
  [...hidden].flatMap(([{ at }, found]) =>
    found.map(({ kind, rule, from, to, act }): Noted => ({ kind, rule, at, from, to, action: act })),
  );

const structuredAt = '/result/structuredContent';

const isTouched = ({ texts, names, without }: Edits, place: string): boolean =>
  [...texts.keys(), ...names.keys(), ...without].some((each) => each.startsWith(`${place}/`));

/** MCP 2025-11-25, tools, "Structured Content": the same, serialised, for clients that do not know it. */
function isTwin(text: string, structured: JsonObject): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    return isDeepStrictEqual(JSON.parse(text), structured);
  } catch {
    return false;
  }
}

/** What stands at a JSON Pointer. */
function at(message: Message, pointer: string): unknown {
  let value: unknown = message;
  for (const token of pointer.slice(1).split('/'))
    value = (value as JsonObject | undefined)?.[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  return value;
}

/** What clients see: where, what and why, never the text. Positions are those of the text as its server wrote it. */
const told = (findings: readonly Noted[], server: string): JsonObject => ({
  server,
  findings: findings.slice(0, maxTold),
  ...(findings.length > maxTold && { more: findings.length - maxTold }),
});

function tailOf(parts: readonly Part[]): string {
  let tail = '';
  for (let index = parts.length - 1; index >= 0 && tail.length < maxTail; index--) {
    const { text, flows } = parts[index]!;
    if (flows) tail = tail === '' ? text : `${text} ${tail}`;
  }
  return tail.slice(-maxTail);
}
