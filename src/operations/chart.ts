// Charts of answers at a terminal: a line of time for each series, a bar for each row.
import { displayWidth } from '../base/display-width.ts';
import { cut, inert, pad } from './table.ts';

export interface Charted {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

const numbers = new Set(['int', 'long', 'real', 'decimal']);
const overTime = new Set(['timechart', 'linechart', 'areachart', 'stackedareachart', 'anomalychart']);
const bars = new Set(['barchart', 'columnchart', 'piechart']);

/** Undefined where there is nothing that could be drawn so. */
export function chart(kind: string, charted: Charted, width: number): string | undefined {
  if (charted.rows.length === 0) return undefined;
  if (overTime.has(kind)) return timeChart(charted, width);
  return bars.has(kind) ? barChart(kind, charted, width) : undefined;
}

const placeOf = ({ columns }: Charted, is: (type: string) => boolean): number =>
  columns.findIndex(({ type }) => is(type));
const textIn = (value: unknown): string =>
  value === null ? '' : inert(typeof value === 'string' ? value : JSON.stringify(value));
const written = (value: number): string => String(Number(value.toPrecision(6)));

const eighths = ' ▏▎▍▌▋▊▉█';

function barChart(kind: string, charted: Charted, width: number): string | undefined {
  const y = placeOf(charted, (type) => numbers.has(type));
  if (y === -1) return undefined;
  const named = charted.columns.flatMap((_, place) => (place === y ? [] : [place]));
  const lines = charted.rows.map((row) => ({
    label: cut(named.map((place) => textIn(row[place])).join(' '), Math.floor(width / 3)),
    value: typeof row[y] === 'number' ? row[y] : 0,
  }));
  const total = lines.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  const figures = lines.map(({ value }) =>
    kind === 'piechart' && total > 0 ? `${written(value)}  ${((100 * value) / total).toFixed(1)}%` : written(value),
  );
  const labels = Math.max(...lines.map(({ label }) => displayWidth(label)));
  const most = Math.max(...lines.map(({ value }) => value), 0);
  const room = Math.max(8, width - labels - Math.max(...figures.map((figure) => figure.length)) - 4);
  return lines
    .map(({ label, value }, place) => {
      const parts = most > 0 ? Math.round((Math.max(0, value) / most) * room * 8) : 0;
      const bar = '█'.repeat(parts >> 3) + (parts % 8 === 0 ? '' : eighths[parts % 8]!);
      return `${pad(label, labels)}  ${pad(bar, room)}  ${figures[place]}`.trimEnd();
    })
    .join('\n');
}

const levels = '▁▂▃▄▅▆▇█';

function timeChart(charted: Charted, width: number): string | undefined {
  const [x, y] = [placeOf(charted, (type) => type === 'datetime'), placeOf(charted, (type) => numbers.has(type))];
  if (x === -1 || y === -1) return undefined;
  const named = charted.columns.flatMap(({ type }, place) => (type === 'string' || type === 'bool' ? [place] : []));
  const points = charted.rows.flatMap((row) => {
    const [at, value] = [Date.parse(String(row[x])), row[y]];
    const name = named.map((place) => textIn(row[place])).join(' ');
    return Number.isNaN(at) || typeof value !== 'number' ? [] : [{ at, value, name }];
  });
  if (points.length === 0) return undefined;
  const [from, to] = [Math.min(...points.map(({ at }) => at)), Math.max(...points.map(({ at }) => at))];
  const series = [...Map.groupBy(points, ({ name }) => name)];
  const labelled = series.map(([name, own]) => ({
    label: cut(name || charted.columns[y]!.name, Math.floor(width / 3)),
    own,
  }));
  const labels = Math.max(...labelled.map(({ label }) => displayWidth(label)));
  const moments = new Set(points.map(({ at }) => at)).size;
  const room = Math.max(8, Math.min(width - labels - 24, moments));
  const highest = Math.max(...points.map(({ value }) => value));
  const lowest = Math.min(0, ...points.map(({ value }) => value));
  const lines = labelled.map(({ label, own }) => {
    const cells: { sum: number; count: number }[] = Array.from({ length: room }, () => ({ sum: 0, count: 0 }));
    for (const { at, value } of own) {
      const cell = cells[to === from ? 0 : Math.min(room - 1, Math.floor(((at - from) / (to - from)) * room))]!;
      cell.sum += value;
      cell.count += 1;
    }
    const line = cells.map(({ sum, count }) => (count === 0 ? ' ' : level(sum / count, lowest, highest))).join('');
    const values = own.map(({ value }) => value);
    return `${pad(label, labels)}  ${line}  ${written(Math.min(...values))} … ${written(Math.max(...values))}`;
  });
  const axis = `${' '.repeat(labels)}  ${new Date(from).toISOString().slice(0, 16)}Z … ${new Date(to).toISOString().slice(0, 16)}Z`;
  return [...lines, axis].join('\n');
}

const level = (value: number, lowest: number, highest: number): string =>
  levels[highest === lowest ? 0 : Math.min(7, Math.floor(((value - lowest) / (highest - lowest)) * 8))]!;
