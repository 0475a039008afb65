// Enterprise-managed authorization: the company's identity provider vouches for a person towards an agent (ID-JAG), and no consent is asked.
import { decodeJwt, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { errors } from 'oidc-provider';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { guid } from '../../base/guid.ts';
import { accountId, personOf } from '../accounts.ts';
import type { Account, Accounts, Person } from '../accounts.ts';
import { assertionAlgorithms, assertionSeconds } from '../agents/agent-client.ts';
import type { IssuerKeys } from '../agents/issuer-keys.ts';
import { holdsFor, permissionsIn } from '../scopes.ts';
import { answerWithToken, parameter, readAgentRequest, resourceOf, scopeWithin } from './agent-grant.ts';
import type { AgentGrantNeighbours, AgentRequest, GrantContext } from './agent-grant.ts';
import type { SingleUse } from './single-use.ts';

interface AssertionNeighbours extends AgentGrantNeighbours {
  readonly accounts: Accounts;
  readonly keys: IssuerKeys;
  readonly once: SingleUse;
  readonly clock: Clock;
  /** Our issuer URL, for which an assertion must have been made. */
  readonly issuer: string;
  readonly trusted: readonly { readonly issuer: string; readonly tenant?: string }[];
}

export const assertionParameters = ['assertion', 'resource', 'scope'] as const;
const maxAssertionLength = 8192;
/** How far the clock of the identity provider may differ, in seconds. */
const toleranceSeconds = 10;

export function createIdentityAssertions(neighbours: AssertionNeighbours): (context: GrantContext) => Promise<void> {
  const { accounts, once, clock, trusted, accessTokenSeconds } = neighbours;

  return async (context) => {
    const request = await readAgentRequest(context, neighbours);
    const claims = await readAssertion(parameter(context, 'assertion') ?? '', request);
    const { tenant, ...person } = personIn(claims);
    const { resource, scope } = wished(claims, request);
    const known = await accounts.find(person.id);
    // Entra ID says so where a token does not hold all groups. One of them may forbid something.
    const hasMore = tenant !== undefined && ('_claim_names' in claims || 'hasgroups' in claims);
    if (known === undefined && hasMore) throw new errors.InvalidGrant('the assertion does not hold all groups');
    // Last, so that what was refused can be corrected and sent again (RFC 7523 §3, item 7).
    if (!(await once.claim(['id-jag', claims.iss!, claims.jti!], (claims.exp! + toleranceSeconds + 1) * 1000)))
      throw new errors.InvalidGrant('the assertion was used before');
    // What is known of a person from a sign-in is more than an assertion says.
    if (known === undefined || ('groups' in claims && !hasMore))
      await welcome(tenant === undefined ? person : { ...person, groups: groupsOf(person, known) });
    const wish = {
      subject: person.id,
      accountId: person.id,
      resource,
      scope,
      seconds: accessTokenSeconds,
      // A sign-in of tomorrow would count as new for ever.
      authTime:
        typeof claims.auth_time === 'number' ? Math.min(claims.auth_time, Math.floor(clock.now() / 1000)) : undefined,
      acr: typeof claims.acr === 'string' ? claims.acr.slice(0, 256) : undefined,
    };
    // Without a refresh token: the identity provider is asked again instead (draft §4.4.3).
    await answerWithToken(request, wish, 'identity.assertionAccepted', neighbours, {
      details: { issuer: claims.iss, name: person.name },
    });
  };

  async function welcome(person: Person): Promise<void> {
    try {
      await accounts.upsert(person);
    } catch (error) {
      if (error instanceof GenkanError) throw new errors.InvalidGrant(error.code);
      throw error;
    }
  }

  // draft-ietf-oauth-identity-assertion-authz-grant §4.4.1, RFC 7523 §3
  async function readAssertion(assertion: string, { agent, thumbprint }: AgentRequest): Promise<JWTPayload> {
    const keys = assertion.length > maxAssertionLength ? undefined : neighbours.keys.of(issuerNamedIn(assertion));
    if (keys === undefined) throw new errors.InvalidGrant('the issuer of the assertion is not trusted');
    const { payload } = await jwtVerify(assertion, keys, {
      typ: 'oauth-id-jag+jwt',
      algorithms: [...assertionAlgorithms],
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'],
      maxTokenAge: assertionSeconds,
      clockTolerance: toleranceSeconds,
      currentDate: new Date(clock.now()),
    }).catch((cause: unknown) => {
      throw new errors.InvalidGrant({ detail: 'the assertion is not valid', cause });
    });
    const { iss, sub, aud, jti, exp, iat, client_id: clientId, cnf } = payload;
    if ([iss, sub, jti, clientId].some((claim) => typeof claim !== 'string' || claim === ''))
      throw new errors.InvalidGrant('the assertion is not complete');
    if (aud !== neighbours.issuer && !(Array.isArray(aud) && aud.length === 1 && aud[0] === neighbours.issuer))
      throw new errors.InvalidGrant('the assertion was made for another server');
    if (clientId !== agent.clientId) throw new errors.InvalidGrant('the assertion was made for another client');
    if (exp! - iat! > assertionSeconds) throw new errors.InvalidGrant('the assertion lives too long');
    const bound = (cnf as { jkt?: unknown } | undefined)?.jkt;
    if (cnf !== undefined && (bound === undefined || bound !== thumbprint))
      throw new errors.InvalidDpopProof('the assertion is bound to another key');
    return payload;
  }

  /** The same ids as after a sign-in, so that roles and revocations hold for both. */
  function personIn(claims: JWTPayload): Person & { readonly tenant?: string } {
    const tenant = trusted.find(({ issuer }) => issuer === claims.iss)?.tenant;
    const person = personOf({ ...claims, iss: claims.iss!, sub: claims.sub! }, 'groups');
    if (tenant === undefined) return { ...person, id: accountId(claims.iss!, claims.sub!) };
    const { oid, tid } = claims;
    if (typeof oid !== 'string' || !guid.test(oid) || typeof tid !== 'string' || tid.toLowerCase() !== tenant)
      throw new errors.InvalidGrant('the assertion names nobody of the tenant');
    return { ...person, id: `${oid.toLowerCase()}@${tenant}`, tenant };
  }

  function wished(claims: JWTPayload, { agent, context }: AgentRequest): { resource: string; scope: string } {
    // MCP enterprise-managed authorization §5.1: for the resource that the assertion names, and no other.
    const [named, ...others] = [claims.resource].flat();
    const asked = parameter(context, 'resource');
    if (typeof named !== 'string' || others.length > 0 || (asked ?? named) !== named) throw new errors.InvalidTarget();
    const resource = resourceOf(neighbours, agent, named);
    // §7.2.1: what is asked for and what the assertion grants. Administration is never taken to be meant.
    const granted = typeof claims.scope === 'string' ? claims.scope.split(' ') : ['mcp'];
    const scope = scopeWithin(
      parameter(context, 'scope'),
      permissionsIn(granted).filter((each) => holdsFor([each], resource)),
    );
    return { resource, scope };
  }
}

/**
 * Groups of Entra ID are known by their object ids, as after a sign-in: anybody in the directory can name a group as they like, also
 * like an app role. The app roles come from a sign-in alone and stay.
 */
function groupsOf({ groups }: Person, known: Account | undefined): string[] {
  const roles = known?.groups.filter((group) => group.startsWith('role:')) ?? [];
  return [...groups.filter((group) => guid.test(group)).map((group) => group.toLowerCase()), ...roles];
}

/** Not proven yet: it only chooses whose keys are to prove it. */
function issuerNamedIn(assertion: string): string {
  try {
    return decodeJwt(assertion).iss ?? '';
  } catch {
    return '';
  }
}
