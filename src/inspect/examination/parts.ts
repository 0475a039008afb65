// The one walk over a message: every text in it with its place, the direction that it belongs to, and what goes when it is blocked.
import { isUtf8 } from 'node:buffer';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import type { Direction } from '../direction.ts';
import type { Work } from './looking.ts';

/** What is taken out when a text of it is blocked. */
export type Unit =
  /** The whole answer, question or call. */
  | { readonly kind: 'message' }
  /** One item of a list. */
  | { readonly kind: 'item'; readonly at: string }
  /** The text alone: what stands around it is needed, e.g. to go on with a task. */
  | { readonly kind: 'text' };

export interface Part {
  /** JSON Pointer (RFC 6901) into the message, of tokens by `tokenOf`. */
  readonly at: string;
  readonly text: string;
  /** The name of the member whose value it is, or part of the value; below somebody's own data, the member that holds all of it. */
  readonly member: string;
  /** The name of the nearest member around it, cut: what tells of a value that it is a password. Of a name, nothing. */
  readonly key: string;
  readonly direction: Direction;
  readonly unit: Unit;
  /** False of what has to stay as it is: names, enumerations, whatever a schema or a server goes by. */
  readonly editable: boolean;
  /** It is read as prose, so that what stands beside it may go on with it. */
  readonly flows: boolean;
  /** The name of a member, not its value. */
  readonly isName: boolean;
  /** It stands in the message as base64. */
  readonly encoded: boolean;
  /** It stands in the message as a number: nobody's words, but maybe somebody's card. */
  readonly isNumber?: boolean;
}

/** Members whose value the other side wants back as it was, and that nobody reads: where the protocol has them, and nowhere else. */
const opaque: ReadonlyMap<string, RegExp> = new Map([
  ['requestState', /^\/result\/requestState$/],
  ['nextCursor', /^\/result\/nextCursor$/],
  [
    'taskId',
    /^\/(?:params|result(?:\/task|\/tasks\/\d+)?|(?:params|result)\/_meta\/io\.modelcontextprotocol~1related-task)\/taskId$/,
  ],
  ['progressToken', /^\/params(?:\/_meta)?\/progressToken$/],
  ['requestId', /^\/params\/requestId$/],
  ['io.modelcontextprotocol/subscriptionId', /^\/(?:params|result)\/_meta\/[^/]+$/],
]);

/** Whoever writes words there writes without blanks, for a reader who is never shown them. */
const isOpaque = (name: string, at: string, text: string): boolean =>
  opaque.get(name)?.test(at) === true && withoutBlanks.test(text);

/** Members that people and models read as prose: in descriptions and questions everything else means something to a program. */
const prose: ReadonlySet<string> = new Set([
  'title',
  'description',
  'instructions',
  'message',
  'text',
  'systemPrompt',
  'statusMessage',
]);

/** Members that hold somebody's own data. */
const somebodys: ReadonlySet<string> = new Set(['structuredContent', 'data']);

/** Members of a result that are read one after the other: the names of links, and what completes what is typed. */
const shown: ReadonlySet<string> = new Set(['name', 'values']);

/** Members of a result with a meaning of their own. */
const fixed: ReadonlySet<string> = new Set([
  'type',
  'role',
  'mimeType',
  'resultType',
  'status',
  'level',
  'method',
  'mode',
  'cacheScope',
  'createdAt',
  'lastUpdatedAt',
  'lastModified',
  'audience',
]);

/** Items of a list that are gone through before others have their turn. */
const portion = 2000;

/** To whom a text is told, and what goes with it. */
interface Ground {
  readonly direction: Direction;
  readonly unit: Unit;
}

const message: Unit = { kind: 'message' };
const text: Unit = { kind: 'text' };

/**
 * @param method of the request that is answered
 * @param listed the member of the result that holds the list that was asked for
 */
export function* partsOf(said: Message, method: string, listed?: string): Work<Part[]> {
  const parts: Part[] = [];
  if (said.kind === 'notification') walk(parts, said.params, '/params', { direction: 'results', unit: text });
  else if (said.kind === 'request') walk(parts, said.params, '/params', { direction: 'questions', unit: message });
  else if (said.error !== undefined) walk(parts, said.error, '/error', { direction: 'results', unit: message });
  else if (said.result !== undefined) yield* ofResult(parts, said.result, method, listed);
  return parts;
}

function* ofResult(parts: Part[], result: JsonObject, method: string, listed: string | undefined): Work<void> {
  const isTask = result['resultType'] === 'task' || isJsonObject(result['task']) || method === 'tasks/list';
  const ground = (name: string): Ground => {
    if (listed !== undefined || greets(method)) return { direction: 'descriptions', unit: text };
    if (name === 'inputRequests') return { direction: 'questions', unit: message };
    return { direction: 'results', unit: isTask ? text : message };
  };
  for (const [position, name] of Object.keys(result).entries()) {
    const value = result[name];
    if (listed === undefined || name !== listed || !Array.isArray(value)) {
      member(parts, result, name, `/result/${tokenOf(name, position)}`, ground(name), '');
      continue;
    }
    for (const [index, item] of (value as unknown[]).entries()) {
      if (index > 0 && index % portion === 0) yield;
      const at = `/result/${name}/${index}`;
      walk(parts, item, at, { direction: 'descriptions', unit: { kind: 'item', at } });
    }
  }
}

/** Such an answer is kept and shown as a whole: nobody can ask for less of it. */
export const greets = (method: string): boolean => method === 'initialize' || method === 'server/discover';

/** The texts of a call's arguments, names included: a server may take any. */
export function partsOfArguments(given: JsonObject): Part[] {
  const parts: Part[] = [];
  walk(parts, given, '/params/arguments', { direction: 'arguments', unit: message }, 'structuredContent');
  return parts;
}

/**
 * Depth was bounded when the message was read.
 * @param of the member that it belongs to
 * @param key the nearest
 */
function walk(parts: Part[], value: unknown, at: string, ground: Ground, of = '', key = of): void {
  if (typeof value === 'string') return collect(parts, value, at, ground, of, key);
  if (typeof value === 'number') return number(parts, String(value), at, ground, of, key);
  if (JSON.isRawJSON(value)) return number(parts, (value as { rawJSON: string }).rawJSON, at, ground, of, key);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) walk(parts, value[index], `${at}/${index}`, ground, of, key);
    return;
  }
  if (!isJsonObject(value)) return;
  let position = 0;
  for (const name in value) member(parts, value, name, `${at}/${tokenOf(name, position++)}`, ground, of, key);
}

function member(
  parts: Part[],
  object: JsonObject,
  name: string,
  at: string,
  ground: Ground,
  of: string,
  around = '',
): void {
  // Names of the protocol and of most data are short; others may be somebody's own words, or a key.
  if (name.length >= shortestOrder && !wellKnown.test(name))
    parts.push({
      at,
      text: name,
      member: name,
      key: '',
      ...ground,
      editable: false,
      flows: name.includes(' '), // words, with which its value may go on
      isName: true,
      encoded: false,
    });
  const value = object[name];
  const key = digits.test(name) ? around : name.slice(-longestKey);
  if (of === 'structuredContent' || of === 'data')
    walk(parts, value, at, ground, of, key); // somebody's own members, whatever their names
  else if (typeof value !== 'string') walk(parts, value, at, ground, name, key);
  else if (name === 'blob' || (name === 'data' && typeof object['mimeType'] === 'string'))
    decode(parts, value, at, ground);
  else if (!isOpaque(name, at, value)) collect(parts, value, at, ground, name, key);
}

function collect(parts: Part[], text: string, at: string, ground: Ground, name: string, key: string): void {
  if (text === '') return;
  const isProse = prose.has(name);
  const { direction } = ground;
  const editable = direction === 'results' || direction === 'arguments' ? !fixed.has(name) : isProse;
  const flows = isProse || somebodys.has(name) || (direction === 'results' && shown.has(name));
  parts.push({ at, text, member: name, key, ...ground, editable, flows, isName: false, encoded: false });
}

function number(parts: Part[], text: string, at: string, ground: Ground, name: string, key: string): void {
  if (ground.direction !== 'results' || !longNumber.test(text) || isOpaque(name, at, text)) return;
  const part = { at, text, member: name, key, ...ground, editable: true, flows: false };
  parts.push({ ...part, isName: false, encoded: false, isNumber: true });
}

/** What calls itself binary and is text all the same; what it says of its type is the server's word. */
function decode(parts: Part[], base64: string, at: string, ground: Ground): void {
  const part = { at, member: 'blob', key: 'blob', ...ground, isName: false };
  const isBase64 = base64Text.test(base64.replaceAll(/[\r\n]/g, ''));
  // Not what it says it is, or words all the same: then it is also looked at as it stands.
  if (!isBase64 || wordsWithoutBlanks.test(base64))
    parts.push({ ...part, text: base64, editable: false, flows: false, encoded: false });
  // Behind padding some readers go on, and others stop.
  const pieces = isBase64 ? [base64] : base64.split('=', maxPieces);
  const text = textIn(Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))));
  if (text !== undefined) parts.push({ ...part, text, editable: true, flows: true, encoded: true });
}

/** Undefined of what no reader takes for text. */
function textIn(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8');
  let [controls, even, odd] = [0, 0, 0];
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (byte === 0) index % 2 === 0 ? even++ : odd++;
    else if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b) || byte === 0x7f)
      controls++;
  }
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  const half = bytes.length / 2;
  const wide =
    mark === 0xfeff || even > half * mostly
      ? 'utf-16be'
      : mark === 0xfffe || odd > half * mostly
        ? 'utf-16le'
        : undefined;
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
  return isUtf8(bytes) || controls + even + odd <= bytes.length * few ? new TextDecoder().decode(bytes) : undefined;
}

/**
 * A member in a JSON Pointer (RFC 6901). A name that may be somebody's own words, or a secret, is told by its position (`#3`):
 * places are said in refusals and records, and there are as many as texts.
 */
export function tokenOf(name: string, position: number): string {
  if (!wellKnown.test(name)) return `#${position}`;
  return name.includes('/') ? name.replaceAll('/', '~1') : name;
}

const longestKey = 64;
/** Of padding within base64. */
const maxPieces = 1000;
/** Compressed data has them in every ninth byte. */
const few = 0.05;
const mostly = 0.4;
const digits = /^\d+$/;
const withoutBlanks = /^[\x21-\x7e]*$/;
/** RFC 4648 §4 and §5. */
const base64Text = /^[A-Za-z0-9+/_-]*={0,2}$/;
const wordsWithoutBlanks = /(?:[A-Za-z]{1,15}[-+/_]){3}/;
const wellKnown = /^(?:[A-Za-z_$.:/-]{1,24}|[A-Za-z0-9_$.:/-]{1,15}|io\.modelcontextprotocol\/[A-Za-z-]{1,24})$/;
const shortestOrder = 8;
/** Counts and amounts are shorter. */
const longNumber = /^\d{4,}$/;
