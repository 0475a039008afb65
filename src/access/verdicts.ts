// What every role says about every action that was asked for, remembered in one table: a row an action, a column a role.
import type { Role, Verdict } from './role.ts';

/** What the roles say about one action: a code a column, 0 where it was not asked yet. */
export interface VerdictRow {
  readonly action: string;
  readonly data: boolean;
  readonly codes: Uint8Array;
}

export interface Verdicts {
  /** The column of one of the table's roles. */
  columnOf(role: Role): number;
  row(action: string, data: boolean): VerdictRow;
  at(row: VerdictRow, column: number): Verdict;
}

// Callers choose tool names and so actions; what they can make us keep has an end.
const rememberedActions = 8192;
const coded: readonly (Verdict | undefined)[] = [undefined, 'silent', 'excludes', 'grants'];

export function createVerdicts(roles: readonly Role[]): Verdicts {
  const columns = new Map(roles.map((role, column) => [role, column]));
  const planes = [new Map<string, VerdictRow>(), new Map<string, VerdictRow>()] as const;
  return {
    columnOf: (role) => columns.get(role)!,
    row(action, data) {
      const rows = planes[data ? 1 : 0];
      let row = rows.get(action);
      if (row === undefined) {
        if (rows.size >= rememberedActions) rows.clear();
        rows.set(action, (row = { action, data, codes: new Uint8Array(roles.length) }));
      }
      return row;
    },
    at(row, column) {
      const known = coded[row.codes[column]!];
      if (known !== undefined) return known;
      const { verdict } = roles[column]!.judge(row.action, row.data);
      row.codes[column] = coded.indexOf(verdict);
      return verdict;
    },
  };
}
