// Has judges look at what the shield has looked at: which passages they see, and what becomes of what was found.
import type { Stretch } from '../finding.ts';
import { combine } from '../shield/judges/combine.ts';
import type { Level, Opinion } from '../shield/judges/combine.ts';
import type { Answer, Member, Panel } from '../shield/judges/panel.ts';
import type { Shield, ShieldSpan } from '../shield/shield.ts';
import { isBeside, isOneWord, wholeAt } from './looking.ts';
import type { Seen, Work } from './looking.ts';
import type { Part } from './parts.ts';
import { fits } from './policy.ts';

export interface Consultation {
  readonly server: string;
  /** The texts that are looked at, and what the shield found in them. */
  readonly parts: readonly Part[];
  readonly seen: readonly Seen[];
  /** Whether it makes a difference what a judge says of such a text, at any level or at this one. */
  readonly matters: (part: Part, member: Member, level?: Level) => boolean;
  /** A stretch of a text as it may leave the house: without what is to be hidden. */
  readonly masked: (part: Part, stretch: Stretch) => string;
}

/** Where a judge was asked, by stretches of texts that it saw together. */
interface Passage {
  readonly pieces: Piece[];
  text: string;
}

interface Piece extends Stretch {
  readonly part: Part;
  readonly level: Level;
  readonly score: number;
}

/** What is cut is read twice as far: longer than most orders. */
const overlap = 600;

export function* secondOpinions(
  panel: Panel,
  { thresholds }: Pick<Shield, 'thresholds'>,
  consultation: Consultation,
): Work<readonly Seen[]> {
  const { seen, server } = consultation;
  const levelOf = ({ score }: Pick<ShieldSpan, 'score'>): Level =>
    score >= thresholds.block ? 'certain' : score >= thresholds.spotlight ? 'suspicious' : 'nothing';
  const heard: { readonly passage: Passage; readonly member: Member; readonly answer: Answer }[] = [];
  const asking = panel.members
    .filter(({ servers }) => servers === undefined || servers.some((pattern) => fits(pattern, server)))
    .flatMap((member) => {
      const passages = passagesFor(member, consultation, levelOf);
      // A passage holds texts of one direction only.
      return [...Map.groupBy(passages, ({ pieces }) => pieces[0]!.part.direction)].map(async ([direction, own]) => {
        const answers = await panel.ask(
          member,
          own.map(({ text }) => text),
          direction,
        );
        for (const [index, passage] of own.entries()) heard.push({ passage, member, answer: answers[index] });
      });
    });
  if (asking.length === 0) return seen;
  yield Promise.all(asking).then(() => undefined);

  // By text, since a message may have hundreds of thousands of them.
  const opinions = new Map<Part, (Stretch & { readonly opinion: Opinion })[]>();
  const raised = new Map<Part, Seen[]>();
  for (const { passage, member, answer } of heard) {
    const says = answer === undefined ? 'none' : answer.isAttack ? 'attack' : 'harmless';
    const opinion: Opinion = { ...member, says };
    // Nobody says where in a passage the attack is, so all of it counts as one.
    const isRaised = combine('nothing', [opinion]) === 'certain';
    const score = Math.max(answer?.score ?? 0, thresholds.block);
    for (const { part, from, to } of passage.pieces) {
      added(opinions, part, { from, to, opinion });
      if (isRaised) added(raised, part, { part, from, to, score, why: whyOf(member, answer), byJudge: true });
    }
  }
  const left = seen.filter((each) => {
    if (raised.get(each.part)?.some((whole) => isWithin(each, whole))) return false;
    // What begins in another text or message no judge has seen whole, so none can say that it is harmless.
    if (each.across === true) return true;
    const about = opinions.get(each.part)?.filter((piece) => isWithin(each, piece)) ?? [];
    return (
      combine(
        levelOf(each),
        about.map(({ opinion }) => opinion),
      ) !== 'nothing'
    );
  });
  return [...left, ...[...raised.values()].flatMap(outermost)];
}

const whyOf = ({ judge: { name } }: Member, answer: Answer): readonly string[] =>
  answer === undefined ? [`no-opinion-of-${name}`] : (answer.categories?.map((kind) => `harm-${kind}`) ?? [name]);

function added<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function passagesFor(
  member: Member,
  { parts, seen, matters, masked }: Consultation,
  levelOf: (span: Pick<ShieldSpan, 'score'>) => Level,
): Passage[] {
  const most = member.judge.maxCharacters;
  const seenIn = Map.groupBy(seen, ({ part }) => part);
  const pieces = parts
    .filter((part) => member.directions?.includes(part.direction) !== false && matters(part, member))
    .flatMap((part) => {
      const found = seenIn.get(part) ?? [];
      return (member.when === 'always' ? everywhere(part, found, most) : around(found, most)).map((piece): Piece => {
        const score = Math.max(0, ...found.filter((span) => overlaps(span, piece)).map((span) => span.score));
        return { ...piece, part, score, level: levelOf({ score }) };
      });
    })
    .filter(({ part, level }) => matters(part, member, level));
  const passages: Passage[] = [];
  for (const piece of pieces) {
    const last = passages.at(-1);
    const text = masked(piece.part, piece).toWellFormed();
    // An order in pieces is read as one, but what belongs to two items of a list is not.
    if (last !== undefined && isBeside(last.pieces.at(-1)!.part, piece.part) && last.text.length + text.length < most) {
      last.pieces.push(piece);
      last.text += `\n${text}`;
    } else passages.push({ pieces: [piece], text });
  }
  const ranked = passages.map((passage) => ({ passage, worst: Math.max(...passage.pieces.map(({ score }) => score)) }));
  return ranked.sort((one, other) => other.worst - one.worst).map(({ passage }) => passage);
}

/** As little as shows what is suspicious: the whole text where it is short, and windows around the worst of it where it is long. */
function around(found: readonly Seen[], most: number): Stretch[] {
  const windows: Stretch[] = [];
  for (const span of found.toSorted((one, other) => other.score - one.score)) {
    const { text } = span.part;
    if (windows.some((window) => window.from <= span.from && span.to <= window.to)) continue;
    const room = Math.max(0, most - (span.to - span.from));
    const from = wholeAt(text, Math.max(0, Math.min(span.from - Math.ceil(room / 2), text.length - most)));
    windows.push(...cut(text, from, Math.max(span.to, Math.min(from + most, text.length)), most));
  }
  return windows.toSorted((one, other) => one.from - other.from);
}

/** Names of members without blanks are names and nothing else: in every message, and not what a judge is paid for. */
const everywhere = (part: Part, found: readonly Seen[], most: number): Stretch[] =>
  found.length === 0 && (part.isName ? /^[\x21-\x7e]*$/.test(part.text) : isOneWord(part.text))
    ? []
    : cut(part.text, 0, part.text.length, most);

function cut(text: string, start: number, end: number, most: number): Stretch[] {
  const windows: Stretch[] = [];
  for (let from = start; ;) {
    const to = wholeAt(text, Math.min(from + most, end));
    windows.push({ from, to });
    if (to >= end) return windows;
    from = wholeAt(text, to - overlap);
  }
}

const overlaps = (one: Stretch, other: Stretch): boolean => one.from < other.to && other.from < one.to;

const isWithin = (span: Stretch, piece: Stretch): boolean => piece.from <= span.from && span.to <= piece.to;

/** Two judges of one passage are one finding. */
const outermost = (raised: readonly Seen[]): Seen[] =>
  raised.filter(
    (each, index) =>
      !raised.some(
        (other, place) =>
          place !== index && isWithin(each, other) && (place < index || other.from < each.from || each.to < other.to),
      ),
  );
