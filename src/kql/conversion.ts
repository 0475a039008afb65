// Values of one type as another where operators need it: constants of `datatable`, columns of `parse`, elements of `mv-expand`.
import { readJson } from './json.ts';
import { readBool, readDatetime, readGuid, readLong, readReal, readTimespan } from './read-value.ts';
import { isInteger, isNumber } from './types.ts';
import type { KqlType, Value } from './values.ts';
import { toDynamic, writeDynamic } from './write-value.ts';

/** A text read as a type; null where it is none. */
export function readAs(type: KqlType, text: string): Value {
  switch (type) {
    case 'string':
      return text;
    case 'bool':
      return readBool(text);
    case 'int':
      return withinInt(readLong(text));
    case 'long':
      return readLong(text);
    case 'real':
    case 'decimal':
      return readReal(text);
    case 'datetime':
      return readDatetime(text);
    case 'timespan':
      return readTimespan(text);
    case 'guid':
      return readGuid(text);
    case 'dynamic':
      return readJson(text) ?? text;
  }
}

const withinInt = (value: number | null): number | null => (value === null || value !== (value | 0) ? null : value);

/** A constant for a column: `undefined` where its type does not fit. */
export function valueAs(type: KqlType, value: Value, of: KqlType): Value | undefined {
  if (value === null) return type === 'string' ? '' : null;
  if (of === type) return value;
  if (isNumber(of) && isNumber(type)) return isInteger(type) ? Math.trunc(value as number) : value;
  if (type === 'dynamic') return toDynamic(value, of);
  if (of === 'string') return readAs(type, value as string);
  return undefined;
}

/**
 * An element of an array as a typed column. Cast only: what is of another type becomes null (documentation of `mv-expand`), but
 * for times, which are texts in a dynamic value, and for strings, which anything can be shown as.
 */
export function elementAs(type: KqlType, value: Value): Value {
  if (type === 'dynamic') return value;
  if (value === null) return type === 'string' ? '' : null;
  if (type === 'string') return typeof value === 'string' ? value : writeDynamic(value);
  if (typeof value === 'number') {
    if (!isNumber(type)) return null;
    return isInteger(type) ? (Number.isInteger(value) ? value : null) : value;
  }
  if (typeof value === 'boolean') return type === 'bool' ? value : null;
  return typeof value === 'string' && (type === 'datetime' || type === 'timespan' || type === 'guid')
    ? readAs(type, value)
    : null;
}
