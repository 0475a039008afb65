// The values of KQL and how they stand in memory.

/** Scalar types (Kusto documentation, "Scalar data types"). */
export type KqlType =
  'bool' | 'int' | 'long' | 'real' | 'decimal' | 'string' | 'datetime' | 'timespan' | 'guid' | 'dynamic';

/**
 * A value, by its static type:
 * - bool: `boolean`; int, long, real, decimal: `number` (whole numbers are exact up to 2^53; integer results are truncated)
 * - string: `string`, never null: what is missing is the empty string, as in Kusto
 * - datetime: milliseconds since the Unix epoch; timespan: milliseconds; both may have a fraction
 * - guid: 36 lower-case characters
 * - dynamic: what JSON can hold; times in it are ISO 8601 strings and timespans are in the form `d.hh:mm:ss.fffffff`
 * Null of every type but string is `null`. There is no `undefined`.
 */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [name: string]: Value };

/** Values by column. */
export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  readonly type: KqlType;
}
