// Numbers as they were written: JavaScript would write 9007199254740993 as another number, and 1.10 as 1.1.
import { unguessableId } from '../base/ids.ts';
import { endOfString, measure, readAsMeant, spellNames } from './ambiguity.ts';
import type { JsonObject, Message, ResponseMessage } from './message.ts';

/**
 * The same message for building another from: what `JSON.stringify` would not write as it was written stands as
 * `JSON.rawJSON` in it, so that nothing is judged by it.
 * @param message as `parseMessage` accepts it
 */
export function asWritten<Kind extends Message>(message: Kind): Kind {
  const text = message.raw.toString('utf8');
  const mark = unguessableId().slice(0, markLength);
  const marked = markNumbers(text, mark);
  if (marked === undefined) return message;
  // Marks, since a reviver is called for every value: one number would make all of a long message slow.
  const { text: spelled, names } = spellNames(marked, measure(marked).escapedNames);
  const value = JSON.parse(spelled) as JsonObject;
  if (!readAsMeant(value, names)) return message; // as it was judged
  const { params, result, error } = unmark(value, mark) as JsonObject;
  if (message.kind !== 'response') return { ...message, params: params ?? {} };
  if (message.error === undefined) return { ...message, result };
  return { ...message, error: { ...(error as JsonObject), ...judged(message.error) } };
}

/** What is a number and a text for us is that for everybody. */
const judged = ({ code, message }: NonNullable<ResponseMessage['error']>) => ({ code, message });

/** Puts a marked string in the place of each number that would be written differently. Undefined when there is none. */
function markNumbers(text: string, mark: string): string | undefined {
  const parts: string[] = [];
  let rest = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at + 1);
    else if (unit === MINUS || isDigit(unit)) {
      number.lastIndex = at;
      number.test(text); // sticky: matches right here
      const end = number.lastIndex;
      const source = text.slice(at, end);
      if (String(Number(source)) !== source) {
        parts.push(text.slice(rest, at), `"${mark}${source}"`);
        rest = end;
      }
      at = end - 1;
    }
  }
  return rest === 0 ? undefined : parts.join('') + text.slice(rest);
}

/** In place; depth was bounded when the message was first read. */
function unmark(value: unknown, mark: string): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? JSON.rawJSON(value.slice(mark.length)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) for (const [index, item] of value.entries()) value[index] = unmark(item, mark);
  else for (const name in value) (value as Record<string, unknown>)[name] = unmark((value as JsonObject)[name], mark);
  return value;
}

const number = /[-+.0-9eE]+/y;
/** 72 bits: nothing that comes from outside begins with it by chance. */
const markLength = 12;
const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
const QUOTE = 0x22;
const MINUS = 0x2d;
