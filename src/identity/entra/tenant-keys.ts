// The keys with which tenants sign: fetched when one is met that is not known, as they roll over without notice, yet not at anybody's will.
import { importJWK } from 'jose';
import type { CryptoKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { EntraFetch } from './entra-fetch.ts';

interface TenantKey {
  readonly key: CryptoKey;
  /** For whose tokens alone the key is good, where its owner says so; may hold `{tenantid}`. */
  readonly issuer?: string;
}

/**
 * @param tenant one that is allowed; strangers must not make us keep or fetch keys
 * @throws GenkanError `identity_provider_unavailable`
 */
export type TenantKeys = (tenant: string, kid: string) => Promise<TenantKey | undefined>;

const published = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional(), use: z.string().optional() })).max(100),
});
const rsaKey = z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string(), issuer: z.string().optional() });

type Known = ReadonlyMap<string, TenantKey>;
interface Kept {
  known: Known;
  /** When keys were last asked for, in vain or not. */
  askedAtMs: number;
  fetchedAtMs: number;
  asking: Promise<void> | undefined;
}

const freshMs = 24 * 3_600_000;
/** However many unknown keys are named in tokens, one request in this time. */
const cooldownMs = 30_000;

/** @param addressOf where the keys of a tenant are */
export function createTenantKeys(send: EntraFetch, clock: Clock, addressOf: (tenant: string) => string): TenantKeys {
  const tenants = new Map<string, Kept>();

  async function fetchKeys(tenant: string, kept: Kept): Promise<void> {
    kept.askedAtMs = clock.now();
    const { status, body } = await send(addressOf(tenant));
    const parsed = published.safeParse(body);
    if (status !== 200 || !parsed.success)
      throw new GenkanError('identity_provider_unavailable', {}, { detail: `keys of ${tenant}: status ${status}` });
    const read = await Promise.all(parsed.data.keys.map((jwk) => signingKey(jwk)));
    kept.known = new Map(read.filter((each) => each !== undefined));
    kept.fetchedAtMs = clock.now();
  }

  return async (tenant, kid) => {
    const kept = tenants.get(tenant) ?? {
      known: new Map(),
      askedAtMs: -Infinity,
      fetchedAtMs: -Infinity,
      asking: undefined,
    };
    tenants.set(tenant, kept);
    const now = clock.now();
    const isStale = now - kept.fetchedAtMs > freshMs;
    if (!isStale && kept.known.has(kid)) return kept.known.get(kid);
    if (kept.asking !== undefined || now - kept.askedAtMs >= cooldownMs) {
      kept.asking ??= fetchKeys(tenant, kept).finally(() => (kept.asking = undefined));
      await kept.asking;
    } else if (isStale) {
      const detail = `keys of ${tenant} could not be had a moment ago`;
      throw new GenkanError('identity_provider_unavailable', {}, { detail });
    }
    return kept.known.get(kid);
  };
}

/** Keys of other kinds are of no use: Entra ID signs with RS256. */
async function signingKey(jwk: z.infer<typeof published>['keys'][number]): Promise<[string, TenantKey] | undefined> {
  const rsa = rsaKey.safeParse(jwk);
  if (!rsa.success || jwk.kid === undefined || (jwk.use !== undefined && jwk.use !== 'sig')) return undefined;
  const { kty, n, e, issuer } = rsa.data;
  try {
    // Only what a public key is made of, so that nothing else in it means anything.
    const key = (await importJWK({ kty, n, e }, 'RS256')) as CryptoKey;
    return [jwk.kid, { key, ...(issuer !== undefined && { issuer }) }];
  } catch {
    return undefined;
  }
}
