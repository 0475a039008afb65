// The `claims` parameter at the Entra stand-in (OpenID Connect Core §5.5): contexts demanded, capabilities of the client.
import { AadstsError } from './aadsts.ts';

export interface ClaimsRequest {
  /** Authentication contexts and policies that have to be satisfied. */
  readonly demanded: readonly string[];
  /** Contexts to be named in the access token. */
  readonly accessTokenContexts: readonly string[];
  readonly capabilities: readonly string[];
  /** Names asked for in the ID token. */
  readonly idToken: ReadonlySet<string>;
  /** Tokens from before this second are not enough (CAE). */
  readonly notBeforeSeconds: number | undefined;
}

interface Wish {
  readonly value?: unknown;
  readonly values?: unknown;
}

/** @throws AadstsError */
export function readClaimsRequest(text: string | null | undefined): ClaimsRequest {
  const request = parse(text);
  const of = (token: string, claim: string): string[] => {
    const wish = request[token]?.[claim] as Wish | null | undefined;
    const values = Array.isArray(wish?.values) ? (wish.values as unknown[]) : [wish?.value];
    return values.filter((value) => typeof value === 'string');
  };
  const contexts = [...of('access_token', 'acrs'), ...of('id_token', 'acrs')];
  const policies = ['capolids', 'polids'].flatMap((claim) => [...of('access_token', claim), ...of('id_token', claim)]);
  const notBefore = (request['access_token']?.['nbf'] as Wish | undefined)?.value;
  return {
    demanded: [...new Set([...contexts, ...policies])],
    accessTokenContexts: of('access_token', 'acrs'),
    capabilities: of('access_token', 'xms_cc').map((each) => each.toUpperCase()),
    idToken: new Set(Object.keys(request['id_token'] ?? {})),
    notBeforeSeconds: notBefore === undefined ? undefined : Number(notBefore),
  };
}

function parse(text: string | null | undefined): Record<string, Record<string, unknown> | undefined> {
  if (text === undefined || text === null || text === '') return {};
  try {
    return JSON.parse(text) as Record<string, Record<string, unknown>>;
  } catch {
    throw new AadstsError(9002313, "Invalid request. Request is malformed or invalid: 'claims'.", {
      error: 'invalid_request',
    });
  }
}

/** The challenge that asks for these. */
export function challengeFor(demanded: readonly string[]): string {
  const contexts = demanded.filter((each) => /^c\d{1,2}$/.test(each));
  const policies = demanded.filter((each) => !contexts.includes(each));
  return JSON.stringify({
    access_token: {
      ...(contexts.length > 0 && { acrs: { essential: true, value: contexts[0] } }),
      ...(policies.length > 0 && { capolids: { essential: true, values: policies } }),
    },
  });
}
