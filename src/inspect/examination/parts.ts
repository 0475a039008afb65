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
  /** JSON Pointer (RFC 6901) into the message. */
  readonly at: string;
  readonly text: string;
  /** The name of the member whose value it is, or part of the value. */
  readonly member: string;
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
}

/** Members whose value the other side wants back as it was, and that nobody reads. */
const opaque: ReadonlySet<string> = new Set([
  'requestState',
  'nextCursor',
  'taskId',
  'progressToken',
  'requestId',
  'io.modelcontextprotocol/subscriptionId',
]);

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

const message: Unit = { kind: 'message' };
const text: Unit = { kind: 'text' };

/**
 * @param method of the request that is answered
 * @param listed the member of the result that holds the list that was asked for
 */
export function* partsOf(said: Message, method: string, listed?: string): Work<Part[]> {
  const parts: Part[] = [];
  if (said.kind === 'notification') walk(parts, said.params, '/params', 'results', text);
  else if (said.kind === 'request') walk(parts, said.params, '/params', 'questions', message);
  else if (said.error !== undefined) {
    collect(parts, said.error.message, '/error/message', 'results', message, ['message']);
    walk(parts, said.error.data, '/error/data', 'results', message);
  } else if (said.result !== undefined) yield* ofResult(parts, said.result, method, listed);
  return parts;
}

function* ofResult(parts: Part[], result: JsonObject, method: string, listed: string | undefined): Work<void> {
  const isTask = result['resultType'] === 'task' || isJsonObject(result['task']) || method === 'tasks/list';
  const greets = method === 'initialize' || method === 'server/discover';
  for (const [name, value] of Object.entries(result)) {
    const at = `/result/${escape(name)}`;
    if (listed !== undefined && name === listed && Array.isArray(value)) {
      for (const [index, item] of (value as unknown[]).entries()) {
        if (index > 0 && index % portion === 0) yield;
        const unit: Unit = { kind: 'item', at: `${at}/${index}` };
        walk(parts, item, unit.at, 'descriptions', unit);
      }
    } else if (listed !== undefined || greets) walk(parts, value, at, 'descriptions', text, [name]);
    else if (name === 'inputRequests') walk(parts, value, at, 'questions', message);
    else walk(parts, value, at, 'results', isTask ? text : message, [name]);
  }
}

/** The texts of a call's arguments, names included: a server may take any. */
export function partsOfArguments(given: JsonObject): Part[] {
  const parts: Part[] = [];
  walk(parts, given, '/params/arguments', 'arguments', message, ['structuredContent']);
  return parts;
}

/** Depth was bounded when the message was read. */
function walk(
  parts: Part[],
  value: unknown,
  at: string,
  direction: Direction,
  unit: Unit,
  path: readonly string[] = [],
): void {
  if (typeof value === 'string') return collect(parts, value, at, direction, unit, path);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++)
      walk(parts, value[index], `${at}/${index}`, direction, unit, path);
    return;
  }
  if (!isJsonObject(value)) return;
  const isData = path[0] === 'structuredContent' || path[0] === 'data'; // somebody's own members, whatever their names
  for (const name in value) {
    const below = `${at}/${escape(name)}`;
    const member = value[name];
    // Names of the protocol and of most data are short; others may be somebody's own words, or a key.
    if (name.length >= shortestOrder && !wellKnown.test(name))
      parts.push({
        at: below,
        text: name,
        member: name,
        direction,
        unit,
        editable: false,
        flows: false,
        isName: true,
        encoded: false,
      });
    if (typeof member !== 'string') walk(parts, member, below, direction, unit, isData ? path : [name]);
    else if (isData) collect(parts, member, below, direction, unit, path);
    else if (name === 'blob' || (name === 'data' && typeof value['mimeType'] === 'string'))
      decode(parts, member, below, direction, unit);
    else if (!opaque.has(name)) collect(parts, member, below, direction, unit, [name]);
  }
}

function collect(
  parts: Part[],
  text: string,
  at: string,
  direction: Direction,
  unit: Unit,
  [name = '']: readonly string[],
): void {
  if (text === '') return;
  const isProse = prose.has(name);
  const editable = direction === 'results' || direction === 'arguments' ? !fixed.has(name) : isProse;
  const flows = isProse || name === 'structuredContent' || name === 'data';
  parts.push({ at, text, member: name, direction, unit, editable, flows, isName: false, encoded: false });
}

/** What calls itself binary and is text all the same; what it says of its type is the server's word. */
function decode(parts: Part[], base64: string, at: string, direction: Direction, unit: Unit): void {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || !isUtf8(bytes)) {
    // Not what it says it is: then it is looked at as it stands.
    if (base64.length <= 4096 && !base64Text.test(base64))
      parts.push({
        at,
        text: base64,
        member: 'blob',
        direction,
        unit,
        editable: false,
        flows: false,
        isName: false,
        encoded: false,
      });
    return;
  }
  parts.push({
    at,
    text: bytes.toString('utf8'),
    member: 'blob',
    direction,
    unit,
    editable: true,
    flows: true,
    isName: false,
    encoded: true,
  });
}

/** RFC 6901 §3. */
export const escape = (token: string): string =>
  token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token;

const base64Text = /^[A-Za-z0-9+/_-]*={0,2}$/;
const wellKnown = /^(?:[A-Za-z_$.:/-]{1,24}|[A-Za-z0-9_$.:/-]{1,15})$/;
const shortestOrder = 8;
