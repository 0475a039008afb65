// What is said is examined: where the shield and the redaction look, what then happens to it, and what is said of that.
import { isDeepStrictEqual } from 'node:util';
import { unguessableId } from '../../base/ids.ts';
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Direction } from '../direction.ts';
import type { Stretch } from '../finding.ts';
import type { Panel } from '../shield/judges/panel.ts';
import type { Shield } from '../shield/shield.ts';
import { edited, maskedIn, quotedInJson, rewrittenAt, textWith } from './edits.ts';
import type { Blot } from './edits.ts';
import { withFields, withoutOutputSchemas } from './fields.ts';
import { findIn, fresh, look, pause, perText } from './looking.ts';
import type { Pace, Seen, Work } from './looking.ts';
import { noted, notedOf, tailOf, told } from './noted.ts';
import type { Hidden, Judged, Noted } from './noted.ts';
import { greets, partsOf, partsOfArguments } from './parts.ts';
import type { Part } from './parts.ts';
import { createPolicy } from './policy.ts';
import type { Speech } from './policy.ts';
import { remembering } from './remembering.ts';
import { secondOpinions } from './second-opinions.ts';
import type { Consultation } from './second-opinions.ts';
import { strengths } from './settings.ts';
import type { Action, ExaminationSettings } from './settings.ts';
import { fencesWith, spotlight } from './spotlight.ts';
import { cutText, removedText } from './texts.ts';

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
export function createExamination(settings: ExaminationSettings, neighbours: ExaminationNeighbours): Examination {
  const { keepsTo, hide, isApproved = () => false, panel, count } = neighbours;
  const policy = createPolicy(settings);
  const { shield } = neighbours;
  const ofLists = remembering(shield);

  const isCertain = ({ score }: Pick<Seen, 'score'>): boolean => score >= shield.thresholds.block;

  function withAction(seen: Seen, speechOf: SpeechOf): Judged {
    const actions = policy.actionsIn(seen.part.direction, speechOf(seen.part));
    const action = isCertain(seen) ? actions.certain : actions.suspicious;
    const edits = action === 'spotlight' || action === 'redact';
    return { ...seen, action: edits && !seen.part.editable ? 'block' : action };
  }

  function* lookAt(parts: readonly Part[], speechOf: SpeechOf, pace: Pace, before?: string): Work<Looked> {
    const isWatched = oncePer((speech: Speech) =>
      oncePer((direction: Direction) => {
        const { suspicious, certain } = policy.actionsIn(direction, speech);
        return suspicious !== 'off' || certain !== 'off';
      }),
    );
    const watched = parts.filter((part) => part.isNumber !== true && isWatched(speechOf(part))(part.direction));
    const seen: Seen[] = [];
    for (const each of [ofLists, shield]) {
      const own = watched.filter(({ direction }) => (direction === 'descriptions') === (each === ofLists));
      if (own.length === 0) continue;
      for (const one of yield* look(each, own, pace, before))
        if (one.score >= shield.thresholds.spotlight) seen.push(one);
    }
    return { watched, seen };
  }

  function* hiddenIn(parts: readonly Part[], speechOf: SpeechOf, pace: Pace): Work<Map<Part, readonly Hidden[]>> {
    const hidden = new Map<Part, readonly Hidden[]>();
    for (const part of parts) {
      const find = hide(speechOf(part), part);
      const length = part.text.length + perText;
      // A list may have hundreds of thousands of short texts, each too short for a slice of its own.
      const isQuick = length <= pace.left;
      if (isQuick) pace.left -= length;
      const found = isQuick ? find(part.text) : yield* findIn(find, part.text, pace);
      if (found.length > 0) hidden.set(part, isHandle(part) ? found.map(asBlocked) : found);
    }
    return hidden;
  }

  /** What is to be done with what was seen, once the judges were heard. */
  function* judge(
    { watched, seen }: Looked,
    server: string,
    speechOf: SpeechOf,
    hiddenOf: (part: Part) => readonly Hidden[],
  ): Work<Judged[]> {
    const own = seen.map((each) => withAction(each, speechOf));
    const isLost = own.some(({ action, part: { unit } }) => action === 'block' && unit.kind === 'message');
    const matters: Consultation['matters'] = (part, { mayClear }, level) => {
      const { suspicious, certain } = policy.actionsIn(part.direction, speechOf(part));
      if (isLost || level === 'certain') return mayClear === 'certain';
      return level !== 'suspicious' || suspicious !== certain || mayClear !== 'nothing';
    };
    const masked = (part: Part, stretch: Stretch): string => maskedIn(part.text, stretch, hiddenOf(part));
    const heard =
      panel === undefined
        ? seen
        : yield* secondOpinions(panel, shield, { server, parts: watched, seen, matters, masked });
    const judged = heard === seen ? own : heard.map((each) => withAction(each, speechOf));
    return judged.filter(({ action }) => action !== 'off');
  }

  /** Cuts what is too long. @returns the parts as they are then; undefined where it cannot be cut */
  function cut(parts: readonly Part[], saying: Saying): readonly Part[] | undefined {
    const most = policy.maxCharacters(saying);
    let [left, rigid] = [most, most];
    const isProse = (part: Part): boolean =>
      part.direction === 'results' && !part.isName && (part.member === 'text' || part.encoded);
    for (const part of parts)
      if (isProse(part)) left -= part.text.length;
      else if (part.isNumber !== true && (rigid -= part.text.length) < 0) return undefined;
    if (left >= 0) return parts;
    const notice = t(cutText, saying.language, { server: saying.server, left: -left });
    left = most;
    return parts.map((part) => {
      const { text } = part;
      const before = left;
      if (isProse(part)) left -= text.length;
      if (left >= 0 || !isProse(part)) return part;
      // Said once, and not in the place of each of a hundred thousand texts.
      return { ...part, text: before < 0 ? '' : `${text.slice(0, before).toWellFormed()}\n${notice}` };
    });
  }

  /** Whether an order that was in a text is still there outside of the fences around its pieces. */
  function* isLeftIn(part: Part, before: readonly Judged[], pace: Pace, code: string): Work<boolean> {
    if (before.some(({ across }) => across)) return true;
    const fences = [...part.text.matchAll(fencesWith(code))].map(({ index, 0: { length } }) => [index, index + length]);
    const seen = yield* look(shield, [part], pace);
    return seen.some(
      ({ from, to, score }) =>
        score >= shield.thresholds.spotlight && !fences.some(([start, end]) => start! <= from && to <= end!),
    );
  }

  function* said<Kind extends Message>(saying: Saying<Kind>): Work<Examined<Kind>> {
    const { server, method, language, listed, name = '' } = saying;
    let message = saying.message as Message;
    if (message.kind === 'response') {
      const keep = tellsOfCalls.has(method) ? policy.fieldsOf(server, name) : undefined;
      if (keep !== undefined) message = withFields(message, keep, language);
      if (settings.fields.length > 0 && listed === 'tools')
        message = withoutOutputSchemas(message, (tool) => policy.fieldsOf(server, tool) !== undefined);
    }
    const read = yield* partsOf(message, method, listed);
    const isInexact = read.some(({ isNumber, text }) => isNumber === true && !Number.isSafeInteger(Number(text)));
    const whole = isInexact ? yield* partsOf(asWritten(message), method, listed) : read;
    const parts = message.kind === 'response' && listed === undefined && !greets(method) ? cut(whole, saying) : whole;
    if (parts === undefined) return { message: message as Kind, findings: [], blocked: 'size', tail: '' };

    const ofItems = oncePer((unit: Part['unit']): Speech => {
      const item = unit.kind === 'item' ? valueAt(message, unit.at) : undefined;
      const known = isJsonObject(item) ? item[identifiers[listed!] ?? 'name'] : undefined;
      return { ...saying, name: typeof known === 'string' ? known : undefined };
    });
    const speechOf: SpeechOf = ({ unit }) => (unit.kind === 'item' ? ofItems(unit) : saying);
    const pace = fresh();
    const looked = yield* lookAt(parts, speechOf, pace, saying.before);
    const hidden = yield* hiddenIn(parts, speechOf, pace);
    const judged = yield* judge(looked, server, speechOf, (part) => hidden.get(part) ?? []);
    const findings = [...noted(judged), ...notedOf(hidden)];
    for (const finding of findings) count(finding, server);
    const tail = tailOf(parts, judged);
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
      yield* pause(pace, perText);
      const own = ofParts.get(part) ?? [];
      const secrets = (hidden.get(part) ?? []).filter(({ act }) => act !== 'flag');
      const blockedHere = own.some(({ action }) => action === 'block') || secrets.some(({ act }) => act === 'block');
      // Items of lists and instructions are what pins know.
      const pinned = part.unit.kind === 'item' ? part.unit.at : isInstructions(part) ? part.at : undefined;
      if (blockedHere && pinned !== undefined) {
        const isPinned = (each: Judged): boolean => isCertain(each) && each.across !== true && each.byJudge !== true;
        const decided = secrets.length === 0 && own.every((each) => each.action !== 'block' || isPinned(each));
        const shown = part.unit.kind === 'item' ? valueAt(message, pinned) : { instructions: part.text };
        if (decided && isApproved(server, listed ?? 'instructions', shown)) continue;
        if (part.unit.kind === 'item') {
          without.add(pinned);
          continue;
        }
      }
      if (blockedHere) {
        if (part.isName) without.add(part.at);
        else texts.set(part.at, inPlaceOf(part, removed()));
        continue;
      }
      const blots = own.flatMap(({ from, to, action }): Blot[] => {
        if (action === 'flag') return [];
        const replace = action === 'redact' ? removed : (inside: string) => spotlight(inside, fence);
        return [{ from, to, replace }];
      });
      if (blots.length === 0 && secrets.length === 0 && !cutShort.has(part)) continue; // flagged only
      const written = textWith(part.text, quotedInJson(part.text, secrets), blots);
      if (part.isName) names.set(part.at, written);
      else texts.set(part.at, inPlaceOf(part, written));
    }
    // An address that is only noted is for the record; an answer that holds one keeps its bytes.
    const telling = findings.filter(({ kind, action }) => kind === 'injection' || action !== 'flag');
    if (telling.length === 0 && texts.size === 0) return { message: message as Kind, findings, tail };

    const meta = telling.length > 0 ? { [metaMember]: told(telling, server) } : undefined;
    const edits = { texts, names, without, meta };
    // MCP extension io.modelcontextprotocol/tasks, "Polling": the state of a task has its result in it.
    const place = method === 'tasks/get' ? '/result/result/structuredContent' : '/result/structuredContent';
    const value = rewrittenAt(message, place, edits);
    if (isJsonObject(value)) {
      if (isJsonObject(saying.outputSchema) && !keepsTo(saying.outputSchema, value))
        return { message: message as Kind, findings, blocked: judged.length > 0 ? 'injection' : 'sensitive', tail };
      const structured = valueAt(message, place);
      const twins = parts.filter((part) => part.member === 'text' && isTwin(part.text, structured));
      const written = twins.length > 0 ? JSON.stringify(rewrittenAt(asWritten(message), place, edits)) : '';
      for (const part of twins) {
        const twin = { ...part, text: written };
        const secrets = hidden.has(part) ? ((yield* hiddenIn([twin], speechOf, pace)).get(twin) ?? []) : [];
        const masked = textWith(
          written,
          secrets.filter(({ act }) => act !== 'flag'),
          [],
        );
        const own = (ofParts.get(part) ?? []).filter(({ action }) => action !== 'flag');
        const remains = own.length > 0 && (yield* isLeftIn({ ...part, text: masked }, own, pace, code));
        // Where in it the rest stands cannot be said without taking the JSON apart: it is all treated as one stretch.
        if (!remains) texts.set(part.at, masked);
        else texts.set(part.at, own.some(({ action }) => action === 'redact') ? removed() : spotlight(masked, fence));
      }
    }
    return { message: edited(message, edits) as Kind, findings, tail };
  }

  return {
    said,
    *call(given, speech) {
      const parts = partsOfArguments(given);
      const pace = fresh();
      const looked = yield* lookAt(parts, () => speech, pace);
      const hidden = panel === undefined ? undefined : yield* hiddenIn(parts, () => speech, pace);
      const judged = yield* judge(
        looked,
        speech.server,
        () => speech,
        (part) => hidden?.get(part) ?? [],
      );
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

/** By which the items of a list are asked for, where it is not their name. */
const identifiers: Readonly<Record<string, string>> = { resources: 'uri', resourceTemplates: 'uriTemplate' };

/** Whose answers hold what a tool was called for. */
const tellsOfCalls: ReadonlySet<string> = new Set(['tools/call', 'tasks/result', 'tasks/get', 'tasks/cancel']);

/** There may be hundreds of thousands of texts, and they are of few kinds. */
function oncePer<Kind, Value>(find: (kind: Kind) => Value): (kind: Kind) => Value {
  const found = new Map<Kind, Value>();
  return (kind) => {
    if (!found.has(kind)) found.set(kind, find(kind));
    return found.get(kind)!;
  };
}

const inPlaceOf = ({ encoded }: Part, text: string): string => (encoded ? Buffer.from(text).toString('base64') : text);

/** What a text is about: of a list, each item for itself. */
type SpeechOf = (part: Part) => Speech;

interface Looked {
  /** The texts of which anything could follow. */
  readonly watched: readonly Part[];
  readonly seen: readonly Seen[];
}

/**
 * By which a client calls back, or what it gives an answer by: names, addresses, choices, patterns. With a mask in it, it would
 * be another, and two of them one; so what holds it is withheld.
 */
const isHandle = ({ direction, editable, unit, member }: Part): boolean =>
  (direction === 'descriptions' || direction === 'questions') &&
  !editable &&
  unit.kind !== 'text' &&
  member !== 'structuredContent';

const asBlocked = (found: Hidden): Hidden => (found.act === 'flag' ? found : { ...found, act: 'block' });

const isInstructions = ({ at, direction, isName }: Part): boolean =>
  at === '/result/instructions' && direction === 'descriptions' && !isName;

/** MCP 2025-11-25, tools, "Structured Content": the same, serialised, for clients that do not know it. */
function isTwin(text: string, structured: unknown): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    return isDeepStrictEqual(JSON.parse(text), structured);
  } catch {
    return false;
  }
}

/** What stands at a place that the protocol names. */
function valueAt(message: Message, pointer: string): unknown {
  let value: unknown = message;
  for (const token of pointer.slice(1).split('/'))
    value = (value as JsonObject | undefined)?.[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  return value;
}
