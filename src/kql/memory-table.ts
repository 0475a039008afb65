// A table whose rows are in memory.
import type { TableSource } from './catalog.ts';
import type { Column, Row } from './values.ts';

const batchRows = 512;

/** @param rows asked for at each reading; what is added while one reads comes with the next */
export function createMemoryTable(name: string, columns: readonly Column[], rows: () => readonly Row[]): TableSource {
  return {
    name,
    columns,
    async *open() {
      const all = rows();
      const { length } = all;
      for (let at = 0; at < length; at += batchRows) yield all.slice(at, Math.min(at + batchRows, length));
    },
  };
}
