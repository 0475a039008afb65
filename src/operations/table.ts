// Tables and lists of fields for people at a terminal: aligned, also where characters are two columns wide.
import { displayWidth } from '../base/display-width.ts';

type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

/** Draws rows under headings; columns without any content are left out. */
export function table<Row>(rows: readonly Row[], columns: Columns<Row>): string {
  if (rows.length === 0) return 'none';
  const drawn = Object.entries(columns)
    .map(([heading, content]) => [heading.toUpperCase(), ...rows.map((row) => inert(content(row)))])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return aligned(drawn);
}

/** Draws lines of cells below each other, as they are. */
export function grid(lines: readonly (readonly string[])[]): string {
  return aligned((lines[0] ?? []).map((_, column) => lines.map((line) => inert(line[column]!))));
}

function aligned(columns: readonly (readonly string[])[]): string {
  const widths = columns.map((cells) => cells.reduce((widest, cell) => Math.max(widest, displayWidth(cell)), 0));
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, line) =>
    columns
      .map((cells, column) => pad(cells[line]!, widths[column]!))
      .join('  ')
      .trimEnd(),
  ).join('\n');
}

/** No wider than so many columns. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let [kept, used] = ['', 1];
  for (const character of text) {
    used += displayWidth(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Draws the fields of an object, one a line; lists below their name. */
export function fields(value: Readonly<Record<string, unknown>>): string {
  const width = Math.max(...Object.keys(value).map(displayWidth));
  return Object.entries(value)
    .map(([name, content]) => {
      if (!Array.isArray(content)) return `${pad(name, width)}  ${cell(content)}`;
      return content.length === 0
        ? `${pad(name, width)}  none`
        : [name, ...content.map((item) => `  ${cell(item)}`)].join('\n');
    })
    .join('\n');
}

const cell = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).map(cell).join(' ') : inert(String(value ?? ''));

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - displayWidth(text)));

// Names and errors come from outside: nothing may redraw the terminal, nor make two names look like one. Unlike in a log they are shown
// whole, as an address or a key that was cut off is of no use.
export const inert = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
