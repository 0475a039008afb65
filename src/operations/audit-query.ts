// The operation that asks the audit log a question in KQL, and how its answer is drawn for people.
import { z } from 'zod';
import { writeValue } from '../kql/write-value.ts';
import type { KqlType, Value } from '../kql/values.ts';
import { chart } from './chart.ts';
import { defineDeskOperation } from './operation.ts';
import { cut, grid } from './table.ts';

const forms = ['table', 'chart', 'json', 'csv'] as const;

const query = defineDeskOperation({
  id: 'audit.query',
  summary: 'Ask the audit log a question in KQL (Kusto Query Language)',
  about:
    'Tables: MCPAuditLog (every record), MCPMetrics (figures by the hour), and AzureActivity, SigninLogs and AuditLogs with ' +
    'the columns that rules for Sentinel expect. docs/query.md describes them. The query is on record: who looked for what.',
  action: 'genkan/audit/query',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  onRecord: true,
  input: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(20_000)
      .describe('The query, e.g. \'MCPAuditLog | where result == "denied" | take 10\'.'),
    days: z.int().min(1).max(36_500).optional().describe('Only the last so many days, whatever the query says.'),
    as: z
      .enum(forms)
      .optional()
      .describe('How a terminal shows it; by default a chart where the query has render, else a table.'),
  }),
  positional: ['query'],
  output: z.object({
    columns: z.array(z.object({ name: z.string(), type: z.string().describe('Type of KQL, e.g. string, datetime.') })),
    rows: z
      .array(z.array(z.unknown()))
      .describe(
        'Values by column: numbers, booleans, texts, whatever dynamic holds; moments as ISO 8601, lengths of time as d.hh:mm:ss.',
      ),
    chart: z.string().optional().describe('What render asks for.'),
    as: z.enum(forms).optional(),
  }),
  async run({ search }, { as, ...question }, { principal }) {
    const { columns, rows, chart: drawn } = await search!({ ...question, asker: principal.id });
    return {
      columns: columns.map(({ name, type }) => ({ name, type })),
      rows: rows.map((row) => row.map((value, place) => wireValue(value, columns[place]!.type))),
      ...(drawn !== undefined && { chart: drawn }),
      ...(as && { as }),
    };
  },
  noted: ({ rows }) => ({ rows: rows.length }),
  print({ columns, rows, chart: drawn, as = drawn === undefined ? 'table' : 'chart' }, width = 100) {
    if (as === 'json') return JSON.stringify({ columns, rows }, undefined, 2);
    if (as === 'csv') return csv({ columns, rows });
    const form = drawn ?? (columns.some(({ type }) => type === 'datetime') ? 'timechart' : 'barchart');
    const picture = as === 'chart' ? chart(form, { columns, rows }, width) : undefined;
    return picture ?? drawnTable({ columns, rows });
  },
});

function wireValue(value: Value, type: KqlType): unknown {
  if (value === null || type === 'dynamic') return value;
  if (type === 'datetime') return writeValue(value, type).replace(/(\.\d{3})0{4}Z$/, '$1Z');
  return type === 'timespan' ? writeValue(value, type) : value;
}

interface Drawn {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

const cellText = (value: unknown): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);

const widestCell = 80;

function drawnTable({ columns, rows }: Drawn): string {
  const lines = rows.map((row) => row.map((value) => cut(cellText(value), widestCell)));
  return lines.length === 0 ? 'none' : grid([columns.map(({ name }) => name), ...lines]);
}

/** RFC 4180, with the line ends of terminals. What begins like a formula begins with an apostrophe, so that a spreadsheet does not carry it out. */
function csv({ columns, rows }: Drawn): string {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const inertText = (value: unknown): string => {
    const text = cellText(value);
    return typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  };
  return [columns.map(({ name }) => name), ...rows.map((row) => row.map(inertText))]
    .map((line) => line.map(field).join(','))
    .join('\n');
}

export const auditQueryOperations = [query];
