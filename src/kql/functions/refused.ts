// What Kusto has and this engine does not: said by name, so that nobody looks for a mistake of spelling.
export function isRefused(name: string): boolean {
  return reasons.has(name) || name.startsWith('geo_') || others.has(name);
}

export function refusalOf(name: string): string {
  const reason =
    reasons.get(name) ?? (name.startsWith('geo_') ? 'there are no functions of geography here' : undefined);
  return `${name}() is not supported${reason === undefined ? '' : `: ${reason}`}`;
}

const reasons: ReadonlyMap<string, string> = new Map([['rand', 'the same query gives the same answer here']]);
const others: ReadonlySet<string> = new Set<string>();
