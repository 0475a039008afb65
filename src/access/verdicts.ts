// What every role (or deny assignment) says about every action that was asked for, remembered in one table: a row an action, a column a role.
import type { Judgement, Verdict } from './permission.ts';

/** What a column of the table stands for. */
export interface Judge {
  judge(action: string, data: boolean): Judgement;
}

/** What is said about one action: a code a column, 0 where it was not asked yet. */
export interface VerdictRow {
  readonly action: string;
  readonly data: boolean;
  readonly codes: Uint32Array;
}

export interface Verdicts<Column extends Judge> {
  /** The column of one of the table's roles. */
  columnOf(role: Column): number;
  row(action: string, data: boolean): VerdictRow;
  at(row: VerdictRow, column: number): Verdict;
  /** The line of Actions behind a verdict that was `grants`. */
  lineAt(row: VerdictRow, column: number): string;
}

// Callers choose tool names and so actions; what they can make us keep has an end.
const rememberedActions = 8192;
const rememberedCodes = 4 * 1024 * 1024;

const [silent, excludes, firstLine] = [1, 2, 3];

export function createVerdicts<Column extends Judge>(roles: readonly Column[]): Verdicts<Column> {
  const columns = new Map(roles.map((role, column) => [role, column]));
  const planes = [new Map<string, VerdictRow>(), new Map<string, VerdictRow>()] as const;
  const mostRows = Math.max(64, Math.min(rememberedActions, Math.floor(rememberedCodes / Math.max(1, roles.length))));
  // The lines of all roles, each once: their number here, after `firstLine`, is the code of what they grant.
  const lines: string[] = [];
  const numbers = new Map<string, number>();
  let last: VerdictRow | undefined;

  function codeOf({ verdict, action = '' }: Judgement): number {
    if (verdict !== 'grants') return verdict === 'silent' ? silent : excludes;
    let number = numbers.get(action);
    if (number === undefined) numbers.set(action, (number = lines.push(action) - 1));
    return firstLine + number;
  }

  return {
    columnOf: (role) => columns.get(role)!,
    row(action, data) {
      // One question after another is asked about the same action.
      if (last?.action === action && last.data === data) return last;
      const rows = planes[data ? 1 : 0];
      let row = rows.get(action);
      if (row === undefined) {
        if (rows.size >= mostRows) rows.clear();
        rows.set(action, (row = { action, data, codes: new Uint32Array(roles.length) }));
      }
      last = row;
      return row;
    },
    at(row, column) {
      const code = (row.codes[column] ||= codeOf(roles[column]!.judge(row.action, row.data)));
      return code >= firstLine ? 'grants' : code === silent ? 'silent' : 'excludes';
    },
    lineAt: (row, column) => lines[row.codes[column]! - firstLine]!,
  };
}
