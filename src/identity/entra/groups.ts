// The groups of people who are in more of them than a token holds: asked at Microsoft Graph, in the name of the person.
import { setTimeout as passed } from 'node:timers/promises';
import { z } from 'zod';
import { GenkanError } from '../../base/errors.ts';
import { retryAfterMs } from '../../base/retry-after.ts';
import type { Answer, EntraFetch } from './entra-fetch.ts';
import type { IdClaims } from './tokens.ts';

const page = z.object({
  value: z.array(z.looseObject({ id: z.guid().toLowerCase() })),
  '@odata.nextLink': z.url().optional(),
});

/** Enough for everything that a directory lets one person be in. */
const maxPages = 50;
const maxAttempts = 4;
const longestPauseMs = 10_000;

/**
 * Whether the token says that it does not hold all groups. Where it says they are to be had is not believed: the address could be
 * anybody's, or the one of the retired Azure AD Graph.
 */
export const hasMoreGroups = ({ _claim_names: names, hasgroups }: IdClaims): boolean =>
  names?.groups !== undefined || hasgroups === true || hasgroups === 'true';

/**
 * @param token of the person, for Graph
 * @throws GenkanError `identity_groups_unavailable`: without all groups nobody comes in, as one of them may forbid something
 */
export async function groupsAtGraph(graphUrl: string, token: string, send: EntraFetch): Promise<string[]> {
  const groups = new Set<string>();
  let next: string | undefined =
    `${graphUrl}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999&$count=true`;
  for (let pages = 0; next !== undefined; pages += 1) {
    if (pages === maxPages) throw unavailable(`more than ${maxPages} pages`);
    const answer = await asked(next, token, send);
    const read = page.safeParse(answer.body);
    if (answer.status !== 200 || !read.success) throw unavailable(`status ${answer.status}`);
    for (const { id } of read.data.value) groups.add(id);
    next = read.data['@odata.nextLink'];
    // The token goes along, so the next page is where the first one was.
    if (next !== undefined && new URL(next).origin !== graphUrl) throw unavailable('the next page is elsewhere');
  }
  return [...groups];
}

async function asked(url: string, token: string, send: EntraFetch): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    // Graph gives a single type of membership in this mode alone.
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', consistencylevel: 'eventual' };
    const answer = await send(url, { headers });
    const isBusy = answer.status === 429 || answer.status === 503;
    if (!isBusy || attempt === maxAttempts) return answer;
    const pauseMs = retryAfterMs(answer.headers['retry-after'], Date.now()) || 2 ** (attempt - 1) * 1000;
    // A person waits in front of a browser.
    if (pauseMs > longestPauseMs) throw unavailable(`it asks for a pause of ${pauseMs / 1000} s`);
    await passed(pauseMs);
  }
}

const unavailable = (detail: string): GenkanError =>
  new GenkanError('identity_groups_unavailable', {}, { detail: `Microsoft Graph: ${detail}` });
