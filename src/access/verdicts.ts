// What every role (or deny assignment) says about the actions that were asked for, remembered in tables: one for actions that are asked together.
import { createBundle } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import type { Judgement, Verdict } from './permission.ts';

/** What a column of a table stands for. */
export interface Judge {
  judge(action: string, data: boolean): Judgement;
}

/** What is said about the actions of one bundle. */
export interface VerdictTable {
  readonly bundle: Bundle;
  /** A column is two numbers: the actions that are granted and those that are excluded, as bits; `unasked` in place of both. */
  readonly bits: Int32Array;
  /** The numbers of the lines that grant, an action after the other for each column; made with the first of them. */
  lines: Uint32Array | undefined;
}

export interface Verdicts<Column extends Judge> {
  /** How many tables it keeps, so that it does not grow with what callers choose. */
  readonly most: number;
  /** The column of one of the roles. */
  columnOf(role: Column): number;
  tableOf(bundle: Bundle): VerdictTable;
  /** The table of one action that is asked by itself. */
  row(action: string, data: boolean): VerdictTable;
  /** The actions that a column grants, and those that it excludes. */
  grants(table: VerdictTable, column: number): number;
  excludes(table: VerdictTable, column: number): number;
  /** What is said of one action. */
  at(row: VerdictTable, column: number): Verdict;
  /** The line of Actions behind what is granted. */
  lineAt(table: VerdictTable, column: number, action?: number): string;
}

// Callers choose tool names and so actions; what they can make us keep has an end.
const rememberedTables = 8192;
const rememberedNumbers = 4 * 1024 * 1024;

const unasked = -1;

export function createVerdicts<Column extends Judge>(roles: readonly Column[]): Verdicts<Column> {
  const columns = new Map(roles.map((role, column) => [role, column]));
  const planes = [new Map<string, VerdictTable>(), new Map<string, VerdictTable>()] as const;
  const bundles = new Map<Bundle, VerdictTable>();
  const most = Math.max(64, Math.min(rememberedTables, Math.floor(rememberedNumbers / 3 / Math.max(1, roles.length))));
  // The lines of all roles, each once.
  const lines: string[] = [];
  const numbers = new Map<string, number>();
  let last: VerdictTable | undefined;

  const createTable = (bundle: Bundle): VerdictTable => ({
    bundle,
    bits: new Int32Array(2 * roles.length).fill(unasked),
    lines: undefined,
  });

  function ask(table: VerdictTable, column: number): void {
    const { actions } = table.bundle;
    let [granted, excluded] = [0, 0];
    for (const [at, { action, data }] of actions.entries()) {
      const { verdict, action: line = '' } = roles[column]!.judge(action, data);
      if (verdict === 'excludes') excluded |= 1 << at;
      if (verdict !== 'grants') continue;
      granted |= 1 << at;
      let number = numbers.get(line);
      if (number === undefined) numbers.set(line, (number = lines.push(line) - 1));
      table.lines ??= new Uint32Array(roles.length * actions.length);
      table.lines[column * actions.length + at] = number;
    }
    table.bits[2 * column] = granted;
    table.bits[2 * column + 1] = excluded;
  }

  function grants(table: VerdictTable, column: number): number {
    if (table.bits[2 * column] === unasked) ask(table, column);
    return table.bits[2 * column]!;
  }

  function excludes(table: VerdictTable, column: number): number {
    if (table.bits[2 * column] === unasked) ask(table, column);
    return table.bits[2 * column + 1]!;
  }

  return {
    most,
    columnOf: (role) => columns.get(role)!,
    tableOf(bundle) {
      let table = bundles.get(bundle);
      if (table === undefined) {
        if (bundles.size * 8 >= most) bundles.clear();
        bundles.set(bundle, (table = createTable(bundle)));
      }
      return table;
    },
    row(action, data) {
      // One question after another is asked about the same action.
      const asked = last?.bundle.actions[0];
      if (asked?.action === action && asked.data === data) return last!;
      const rows = planes[data ? 1 : 0];
      let row = rows.get(action);
      if (row === undefined) {
        if (rows.size >= most) rows.clear();
        rows.set(action, (row = createTable(createBundle([{ action, data }]))));
      }
      last = row;
      return row;
    },
    grants,
    excludes,
    at: (row, column) => (grants(row, column) !== 0 ? 'grants' : excludes(row, column) !== 0 ? 'excludes' : 'silent'),
    lineAt: (table, column, action = 0) =>
      lines[table.lines?.[column * table.bundle.actions.length + action] ?? 0] ?? '',
  };
}
