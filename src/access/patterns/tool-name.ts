// What the name of a tool says that it does: `getIssue`, `list_repos`, `issues_create`, `delete-branch`, `GET /repos/{owner}`.

/** What is done to a resource, from the mildest to the worst. */
export type Verb = 'read' | 'write' | 'action' | 'delete';

export interface Meaning {
  readonly verb: Verb;
  /** In the singular and in lower case with dashes, `pull-request`; `undefined` where the name is a verb alone. */
  readonly resource: string | undefined;
}

const words: Readonly<Record<Verb, string>> = {
  // Neither `query` nor `execute`: what they send may do anything.
  read: 'get list read search find fetch show describe view count lookup head',
  write: 'create add update set put post patch write edit modify insert upsert append rename save upload assign',
  action:
    'run execute exec start stop restart trigger send merge approve publish deploy invoke cancel close enable disable submit move',
  delete: 'delete remove destroy drop purge erase wipe terminate revoke uninstall truncate kill',
};
const verbs = new Map(
  Object.entries(words).flatMap(([verb, list]) => list.split(' ').map((word) => [word, verb as Verb] as const)),
);
const severity: readonly Verb[] = ['read', 'write', 'action', 'delete'];
const joining = new Set(['and', 'or', 'then']);

export const worse = (one: Verb, other: Verb): Verb => (severity.indexOf(one) >= severity.indexOf(other) ? one : other);

/** @returns `undefined` for a name that does not begin or end with a verb that is known here */
export function readToolName(name: string): Meaning | undefined {
  const parts = partsOf(name);
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  const leading = verbs.get(first);
  const leadingOrLast = leading ?? verbs.get(last);
  if (leadingOrLast === undefined) return undefined;
  // `get_or_create`, and a deletion wherever it stands.
  const others = parts.flatMap((word, at) => {
    const verb = verbs.get(word);
    return verb !== undefined && (verb === 'delete' || joining.has(parts[at - 1] ?? '')) ? [verb] : [];
  });
  const rest = leading === undefined ? parts.slice(0, -1) : parts.slice(1);
  return { verb: others.reduce(worse, leadingOrLast), resource: rest.length === 0 ? undefined : resourceOf(rest) };
}

/** Lower-case words of ASCII letters and digits; none for a name with anything that is neither those nor punctuation. */
function partsOf(name: string): string[] {
  if (name.length > 128 || !/^[A-Za-z0-9_.\-/ {}:]+$/.test(name)) return [];
  return name
    .replace(/\{[^{}]*\}|\/:\w+/g, ' ')
    .replace(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3 $2$4')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

// `list_issues` and `get_issue` speak of the same thing.
function resourceOf(parts: readonly string[]): string {
  const last = parts.at(-1)!;
  const singular = last
    .replace(/ies$/, 'y')
    .replace(/(ch|sh|x|ss|zz)es$/, '$1')
    .replace(/(?<![sui])s$/, '');
  return [...parts.slice(0, -1), singular === '' ? last : singular].join('-');
}
