// What a token of Entra ID says, once it has been judged: signature, issuer, tenant, audience, time. MSAL reads tokens without any of this.
import { timingSafeEqual } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { addressesOf } from './addresses.ts';
import type { EntraSettings } from './settings.ts';
import { personalAccountsTenant } from './settings.ts';
import type { TenantKeys } from './tenant-keys.ts';

const guid = z.guid().toLowerCase();
const words = z.array(z.string()).catch([]);
const word = z
  .string()
  .min(1)
  .transform((text) => text.slice(0, 256))
  .optional()
  .catch(undefined);

const common = z.object({
  ver: z.enum(['1.0', '2.0']),
  /** People are known by these two; every other name can be given to somebody else. */
  oid: guid,
  tid: guid,
  /** Authentication contexts that were proven; names are compared without regard to case. */
  acrs: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), words)
    .transform((contexts) => contexts.slice(0, 100).map((context) => context.toLowerCase())),
});
const idClaims = common.extend({
  ver: z.literal('2.0'),
  nonce: z.string(),
  scp: z.never().optional(),
  name: word,
  preferred_username: word,
  // What cannot be read here must not pass for no groups: one of them may forbid something.
  groups: z.array(z.string()).optional(),
  roles: z.array(z.string()).default([]),
  _claim_names: z.looseObject({ groups: z.unknown().optional() }).optional(),
  hasgroups: z.unknown().optional(),
  /** An optional claim of the registration. */
  auth_time: z.number().optional().catch(undefined),
});
const apiClaims = common.extend({ scp: z.string(), azp: z.string().optional(), appid: z.string().optional() });

export type IdClaims = z.infer<typeof idClaims>;
type ApiClaims = z.infer<typeof apiClaims>;

export interface TokenJudge {
  /** @throws GenkanError `identity_sign_in_failed`, `identity_tenant_foreign`, `identity_provider_unavailable` */
  idToken(token: string, nonce: string): Promise<IdClaims>;
  /** A token for our own API. @throws GenkanError `identity_scope_unknown` and as above */
  apiToken(token: string, of: IdClaims): Promise<ApiClaims>;
}

const maxLength = 65_536;
const toleranceSeconds = 120;

export function createTokenJudge(settings: EntraSettings, keyOf: TenantKeys, clock: Clock): TokenJudge {
  const allowed = new Set(settings.allowedTenants ?? [settings.tenant]);
  const audiences = [settings.clientId, ...(settings.apiScope === undefined ? [] : [resourceOf(settings.apiScope)])];

  /** @param audience what is accepted as `aud` */
  async function judged<Claims extends z.infer<typeof common>>(
    token: string,
    audience: readonly string[],
    shape: z.ZodType<Claims>,
  ): Promise<Claims> {
    if (token.length > maxLength) throw failed('the token is too long');
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== 'RS256' || kid === undefined) throw failed(`it is signed with ${String(alg)}, or by no named key`);
    // The tenant is looked at first: whose is none of ours makes us fetch nothing.
    const { tid, ver } = common.pick({ tid: true, ver: true }).parse(decodeJwt(token));
    if (!allowed.has(tid)) throw foreign(tid);
    const { issuers } = addressesOf(settings.authorityHost, tid);
    const found = await keyOf(tid, kid);
    if (found === undefined) throw failed('no key of its tenant signed it');
    const keyIssuer = found.issuer?.replace('{tenantid}', tid);
    if (keyIssuer !== undefined && !Object.values(issuers).includes(keyIssuer))
      throw failed('the key that signed it is for tokens of another issuer');
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ['RS256'],
      issuer: issuers[ver],
      audience: [...audience],
      clockTolerance: toleranceSeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'iat'],
    });
    return shape.parse(payload);
  }

  return {
    idToken: (token, nonce) =>
      named('ID token', async () => {
        const claims = await judged(token, [settings.clientId], idClaims);
        if (!sameText(claims.nonce, nonce)) throw failed('it was issued for another sign-in (nonce)');
        return claims;
      }),
    apiToken: (token, { oid, tid }) =>
      named(
        'token for our API',
        async () => {
          const claims = await judged(token, audiences, apiClaims);
          if (claims.oid !== oid || claims.tid !== tid) throw failed('it is about somebody else');
          const client = claims.ver === '2.0' ? claims.azp : claims.appid;
          if (client?.toLowerCase() !== settings.clientId) throw failed('it was issued to another application');
          return claims;
          // Most likely the scope is one of another application.
        },
        'identity_scope_unknown',
      ),
  };
}

/** What the scope is of: everything before its last part. */
const resourceOf = (scope: string): string => scope.slice(0, scope.lastIndexOf('/'));

async function named<Claims>(what: string, judge: () => Promise<Claims>, code = signInFailed): Promise<Claims> {
  try {
    return await judge();
  } catch (cause) {
    if (cause instanceof GenkanError && cause.code !== signInFailed) throw cause;
    // Messages of the libraries name the check that failed, never the token.
    const reason =
      cause instanceof z.ZodError
        ? `cannot be read: ${cause.issues.map(({ path }) => path.join('.')).join(', ')}`
        : (cause as Error).message;
    throw new GenkanError(code, {}, { detail: `${what}: ${reason}`.slice(0, 300) });
  }
}

const signInFailed: ErrorCode = 'identity_sign_in_failed';
const failed = (detail: string): GenkanError => new GenkanError(signInFailed, {}, { detail });
const foreign = (tid: string): GenkanError =>
  new GenkanError(
    'identity_tenant_foreign',
    {},
    { detail: tid === personalAccountsTenant ? 'a personal Microsoft account' : `tenant ${tid}` },
  );

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
