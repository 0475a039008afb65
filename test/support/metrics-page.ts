// The table of docs/metrics.md, made from the metrics that a running Genkan has. `GENKAN_WRITE_PAGES=1` before its test writes it.
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { MetricFamily } from '../../src/record/metrics.ts';

export const metricsPageFile = path.join(import.meta.dirname, '../../docs/metrics.md');
const [begin, end] = ['<!-- made from the code: begin -->', '<!-- made from the code: end -->'];

/** The page with the table that these families make. */
export async function metricsPage(page: string, families: readonly MetricFamily[]): Promise<string> {
  const rows = families
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help, labelNames }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${unitOf(name, type)} | ${labels} | ${help} |`;
    });
  const table = ['| Metric | Type | Unit | Labels | Meaning |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
  const made = `${page.split(begin)[0]}${begin}\n\n${table}\n\n${end}${page.split(end)[1] ?? ''}`;
  return format(made, { ...(await resolveConfig(metricsPageFile)), parser: 'markdown' });
}

function unitOf(name: string, type: MetricFamily['type']): string {
  const [, unit] = /_(seconds|bytes|ratio)(?:_total)?$/.exec(name) ?? [];
  return unit ?? (type === 'gauge' ? 'number' : 'count');
}
