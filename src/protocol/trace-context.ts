// W3C Trace Context as it comes in headers and in `_meta` (MCP 2026-07-28, "_meta"), and as it is handed on: nothing that the grammar does not know.
import { isJsonObject } from './message.ts';
import type { JsonObject, NotificationMessage, RequestMessage } from './message.ts';
import { putMembers } from './put-members.ts';

/** What a message says of the trace that it is part of. */
export interface TraceContext {
  /** 32 and 16 hexadecimal digits in small letters, not all of them zero. */
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  /** Of others, in the order of the client. */
  readonly state?: string | undefined;
  readonly baggage?: string | undefined;
}

/** The members of `_meta`, and the headers, in which it comes. */
export const traceMembers = ['traceparent', 'tracestate', 'baggage'] as const;
type Carrier = Readonly<Record<string, unknown>>;

/** Trace Context §3.2.2; of a version to come, the part that this one knows (§4.3). */
const parent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const longestParent = 512;
/** §3.3.1.3; longer ones lose their last entries. */
const longestState = 512;
const mostEntries = 32;
/** What is looked at at all. */
const longestList = 4096;
const stateKey = /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})$/;
/** Visible characters and spaces between them, but for `,` and `=`. */
const stateValue = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
/** W3C Baggage §3.3.1: a token, then octets that need no quotes. Properties are not handed on. */
const baggageKey = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const baggageValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,256}$/;

/**
 * @param baggage names that may be handed on
 * @returns undefined where there is no `traceparent`, or none that is well-formed; what stands beside it is then nothing, too
 */
export function readTrace(carrier: Carrier, baggage: ReadonlySet<string>): TraceContext | undefined {
  const said = carrier['traceparent'];
  const [, version, traceId, spanId, flags, rest] =
    typeof said === 'string' && said.length <= longestParent ? (parent.exec(said) ?? []) : [];
  if (version === undefined || version === 'ff' || (version === '00' && rest === '-')) return undefined;
  if (isZero(traceId!) || isZero(spanId!)) return undefined;
  return {
    traceId: traceId!,
    spanId: spanId!,
    sampled: (Number.parseInt(flags!, 16) & 1) === 1,
    state: stateIn(carrier['tracestate']),
    baggage: baggage.size === 0 ? undefined : baggageIn(carrier['baggage'], baggage),
  };
}

const isZero = (digits: string): boolean => !/[^0]/.test(digits);

/** One entry that is not well-formed makes all of it unreadable (§3.3.1.1), and so does a key that comes twice. */
function stateIn(said: unknown): string | undefined {
  if (typeof said !== 'string' || said.length > longestList) return undefined;
  const entries: string[] = [];
  const keys = new Set<string>();
  let length = -1;
  for (const part of said.split(',')) {
    const entry = trimmed(part);
    if (entry === '') continue;
    const at = entry.indexOf('=');
    const key = entry.slice(0, at);
    if (at < 1 || keys.has(key) || !stateKey.test(key) || !stateValue.test(entry.slice(at + 1))) return undefined;
    if (keys.add(key).size > mostEntries) return undefined;
    length += entry.length + 1;
    if (length <= longestState) entries.push(entry);
  }
  return entries.length === 0 ? undefined : entries.join(',');
}

function baggageIn(said: unknown, allowed: ReadonlySet<string>): string | undefined {
  if (typeof said !== 'string' || said.length > longestList) return undefined;
  const kept = said.split(',').flatMap((part) => {
    const [entry = ''] = part.split(';', 1);
    const at = entry.indexOf('=');
    const [key, value] = [trimmed(entry.slice(0, Math.max(at, 0))), trimmed(entry.slice(at + 1))];
    return allowed.has(key) && baggageKey.test(key) && baggageValue.test(value) ? [`${key}=${value}`] : [];
  });
  return kept.length === 0 ? undefined : kept.slice(0, mostEntries).join(',');
}

/** Without the spaces and tabs around it (RFC 9110 §5.6.3); `trim` would take off more than those. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isBlank = (unit: number): boolean => unit === 0x20 || unit === 0x09;

/** As members of `_meta` or as headers. */
export function traceCarried({ traceId, spanId, sampled, state, baggage }: TraceContext): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`,
    ...(state !== undefined && { tracestate: state }),
    ...(baggage !== undefined && { baggage }),
  };
}

/** What a message says of its trace; undefined where it says nothing, well-formed or not. */
export function traceIn({ params }: RequestMessage | NotificationMessage): JsonObject | undefined {
  const meta = params['_meta'];
  return isJsonObject(meta) && traceMembers.some((name) => Object.hasOwn(meta, name)) ? meta : undefined;
}

/** The message as part of this trace, whatever it said of one before. Every other member stays as it was written. */
export function withTrace<Kind extends RequestMessage | NotificationMessage>(
  message: Kind,
  carried: Readonly<Record<string, string>>,
): Kind {
  const meta = message.params['_meta'];
  if (meta !== undefined && !isJsonObject(meta)) return message; // for the server to refuse
  if (meta !== undefined && traceMembers.every((name) => meta[name] === carried[name])) return message;
  return putMembers(
    message,
    ['params', '_meta'],
    Object.fromEntries(traceMembers.map((name) => [name, carried[name]])),
  );
}
