// Keys of issuers that the configuration trusts: found through discovery, kept for a while, fetched anew for an unknown key.
import { createRemoteJWKSet, customFetch, errors } from 'jose';
import type { FetchImplementation, JWTVerifyGetKey } from 'jose';

interface TrustedIssuer {
  readonly issuer: string;
  readonly jwksUri?: string;
}

export interface IssuerKeys {
  /** Keys of a trusted issuer; undefined for any other. */
  of(issuer: string): JWTVerifyGetKey | undefined;
}

const maxBytes = 262_144;
const timeoutMs = 5_000;
const keepMs = 600_000;
/** However many unknown keys are named, an issuer is asked no more often. */
const cooldownMs = 30_000;

/** @param send `fetch` towards issuers; addresses come from the configuration alone */
export function createIssuerKeys(issuers: readonly TrustedIssuer[], send: typeof fetch = fetch): IssuerKeys {
  const bounded: FetchImplementation = async (url, options) => {
    const answer = await send(url, { ...options, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return new Response(await readBounded(answer), { status: answer.status, headers: answer.headers });
  };
  const known = new Map(issuers.map((each) => [each.issuer, keysOf(each, bounded)]));
  return { of: (issuer) => known.get(issuer) };
}

function keysOf({ issuer, jwksUri }: TrustedIssuer, bounded: FetchImplementation): JWTVerifyGetKey {
  let found: { readonly keys: Promise<JWTVerifyGetKey>; readonly failed: { atMs?: number } } | undefined;
  const remote = (url: string): JWTVerifyGetKey =>
    createRemoteJWKSet(new URL(url), {
      [customFetch]: bounded,
      cacheMaxAge: keepMs,
      cooldownDuration: cooldownMs,
      timeoutDuration: timeoutMs,
    });
  return async (header, token) => {
    if (found?.failed.atMs !== undefined && performance.now() - found.failed.atMs >= cooldownMs) found = undefined;
    if (found === undefined) {
      const failed: { atMs?: number } = {};
      const keys = (jwksUri === undefined ? discover(issuer, bounded) : Promise.resolve(jwksUri)).then(remote);
      keys.catch(() => (failed.atMs = performance.now()));
      found = { keys, failed };
    }
    return (await found.keys)(header, token);
  };
}

// OpenID Connect Discovery §4.3: the document must be the issuer's own.
async function discover(issuer: string, bounded: FetchImplementation): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await bounded(address, {
    method: 'GET',
    headers: new Headers({ accept: 'application/json' }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const document = answer.status === 200 ? ((await answer.json()) as Record<string, unknown>) : {};
  const { issuer: named, jwks_uri: keys } = document;
  if (named !== issuer || typeof keys !== 'string' || URL.parse(keys)?.protocol !== 'https:')
    throw new errors.JWKSInvalid(`no keys of ${issuer}`);
  return keys;
}

async function readBounded(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new errors.JWKSInvalid('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
