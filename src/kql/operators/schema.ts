// `getschema`: the columns of a table as rows.
import type { Plan } from '../plan.ts';
import { rowsPlan } from '../sources.ts';
import type { Column, KqlType } from '../values.ts';

const netTypes: Readonly<Record<KqlType, string>> = {
  bool: 'System.SByte',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  string: 'System.String',
  datetime: 'System.DateTime',
  timespan: 'System.TimeSpan',
  guid: 'System.Guid',
  dynamic: 'System.Object',
};

const columns: readonly Column[] = [
  { name: 'ColumnName', type: 'string' },
  { name: 'ColumnOrdinal', type: 'long' },
  { name: 'DataType', type: 'string' },
  { name: 'ColumnType', type: 'string' },
];

export function getSchema(input: Plan): Plan {
  const rows = input.columns.map(({ name, type }, place) => [name, place, netTypes[type], type]);
  return rowsPlan(columns, rows, true);
}
