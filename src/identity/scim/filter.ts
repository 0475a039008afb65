// Filters as directories use them to find a resource or one of several values: comparisons by `eq`, joined by `and`.
import { invalid } from './problem.ts';

export interface Comparison {
  /** In lower case, parts after a dot. */
  readonly attribute: string;
  readonly value: string | boolean;
}

const comparison = /^\s*([A-Za-z$][\w$.:-]{0,200})\s+eq\s+("(?:[^"\\]|\\.){0,1000}"|true|false)\s*(?:(and)\s|$)/i;
const maxLength = 2000;
const maxComparisons = 5;

/** RFC 7644 §3.4.2.2, of which everything but `eq` and `and` is refused. */
export function parseFilter(filter: string): readonly Comparison[] {
  if (filter.length > maxLength) throw invalid('invalidFilter', 'the filter is too long');
  const comparisons: Comparison[] = [];
  for (let rest = filter; ;) {
    const [whole, attribute, value, and] = comparison.exec(rest) ?? [];
    if (whole === undefined || comparisons.length >= maxComparisons)
      throw invalid('invalidFilter', 'only comparisons by eq, joined by and, can be filtered by');
    comparisons.push({ attribute: attribute!.toLowerCase(), value: valueOf(value!) });
    if (and === undefined) return comparisons;
    rest = rest.slice(whole.length);
  }
}

function valueOf(written: string): string | boolean {
  if (!written.startsWith('"')) return written.toLowerCase() === 'true';
  try {
    return JSON.parse(written) as string; // RFC 7644 §3.4.2.2: the values of JSON
  } catch {
    throw invalid('invalidFilter', 'a value is not written as in JSON');
  }
}
