// What users and groups have in common as resources: their addresses, versions, lists, and what of them is asked for.
import { hash } from 'node:crypto';
import { invalid, ScimProblem } from './problem.ts';

export interface Presented {
  readonly id: string;
  readonly meta: { readonly version: string; readonly location: string; readonly [member: string]: string };
  readonly [attribute: string]: unknown;
}

interface Stored {
  readonly id: string;
  readonly created_at: number;
  readonly changed_at: number;
}

export function present(
  kind: 'User' | 'Group',
  schema: string,
  { id, created_at, changed_at }: Stored,
  attributes: object,
  base: string,
): Presented {
  const version = hash('sha256', JSON.stringify([attributes, changed_at]), 'base64url').slice(0, 22);
  return {
    schemas: [schema],
    id,
    ...attributes,
    meta: {
      resourceType: kind,
      created: new Date(created_at).toISOString(),
      lastModified: new Date(changed_at).toISOString(),
      location: `${base}/${kind}s/${id}`,
      version: `W/"${version}"`, // RFC 7644 §3.14
    },
  };
}

/** RFC 7644 §3.9: `id` and `schemas` are always there. */
export function shown(resource: Presented, query: URLSearchParams): object {
  const names = (parameter: string): string[] | undefined =>
    query
      .get(parameter)
      ?.split(',')
      .map((name) => name.trim().toLowerCase().split('.')[0]!);
  const [only, without] = [names('attributes'), names('excludedAttributes')];
  const isShown = (name: string): boolean =>
    ['id', 'schemas'].includes(name) ||
    ((only?.includes(name.toLowerCase()) ?? true) && !(without?.includes(name.toLowerCase()) ?? false));
  return Object.fromEntries(Object.entries(resource).filter(([name]) => isShown(name)));
}

export const leavesOut = (query: URLSearchParams, attribute: string): boolean =>
  query.get('excludedAttributes')?.toLowerCase().split(',').includes(attribute) === true;

interface Portion {
  /** From 0. */
  readonly offset: number;
  readonly limit: number;
}

export const maxPortion = 200;

/** RFC 7644 §3.4.2.4: numbers out of bounds are read as the nearest within. */
export function portionOf(query: URLSearchParams): Portion {
  const number = (name: string, byDefault: number): number => {
    const given = query.get(name);
    if (given === null) return byDefault;
    if (!/^-?\d{1,9}$/.test(given)) throw invalid('invalidValue', `${name} is no number`);
    return Number(given);
  };
  return {
    offset: Math.max(1, number('startIndex', 1)) - 1,
    limit: Math.min(maxPortion, Math.max(0, number('count', 100))),
  };
}

export const listOf = (total: number, { offset }: Portion, resources: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: total,
  startIndex: offset + 1,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** RFC 7644 §3.14: a change that was made on what has been changed since is not made. */
export function checkVersion(resource: Presented, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  if (!ifMatch.split(',').some((version) => version.trim() === resource.meta.version))
    throw new ScimProblem(412, 'the resource has been changed since');
}

export const notFound = (): ScimProblem => new ScimProblem(404, 'there is no such resource');
