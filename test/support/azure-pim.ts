// Azure Resource Manager as far as Privileged Identity Management goes: eligible roles, requests to activate them, and its refusals.
// Shapes and codes: https://learn.microsoft.com/rest/api/authorization/role-assignment-schedule-requests and what Azure was seen to answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseDuration } from '../../src/base/duration.ts';
import { guid } from '../../src/base/guid.ts';
import { bodyOf, startHttpsServer } from './entra/https-server.ts';
import type { TestAuthority } from './entra/https-server.ts';

export interface RolePolicy {
  readonly maximum: string;
  /** Somebody at Azure has to approve an activation. */
  readonly approval: boolean;
  readonly mfa: boolean;
  /** Authentication context that the token has to hold. */
  readonly context?: string;
  readonly ticket: boolean;
}

export interface PimEligibility {
  readonly oid: string;
  /** Last part of the role definition's id. */
  readonly role: string;
  readonly name: string;
  readonly scope: string;
  readonly condition?: string;
  /** GUID of the schedule; made where it is absent. */
  readonly schedule?: string;
}

interface Activation {
  readonly oid: string;
  readonly role: string;
  readonly scope: string;
  readonly fromMs: number;
  untilMs: number;
}

export interface AzurePim extends AsyncDisposable {
  /** `https://localhost:PORT`: what `managementUrl` takes, and the resource of its tokens. */
  readonly origin: string;
  readonly eligible: PimEligibility[];
  policy: RolePolicy;
  /** Everything that ever was active, in order. */
  readonly activations: Activation[];
  /** What was asked: `PUT SelfActivate 201` …, in order. */
  readonly asked: string[];
  /** Bodies of requests that were taken. */
  readonly bodies: { properties: Record<string, unknown> }[];
  /** The next answers, in place of its own. */
  readonly instead: { status: number; body?: object; headers?: Record<string, string> }[];
  /** Status of requests that are to be provisioned, until `finish`. */
  slow: boolean;
  /** What an approver, or the machinery behind it, makes of everything that waits. */
  finish(status: string): void;
  isActive(oid: string): boolean;
}

interface Told {
  readonly status: number;
  readonly body: object;
  readonly headers?: Record<string, string>;
}

class Refused extends Error {
  readonly told: Told;
  constructor(status: number, code: string, message: string, headers?: Record<string, string>) {
    super(message);
    this.told = { status, body: { error: { code, message } }, ...(headers && { headers }) };
  }
}

const provider = '/providers/Microsoft.Authorization/';
const noPermission = 'please use $filter=asTarget() to filter on the requestor’s assignments.';

export async function startAzurePim(authority: TestAuthority, now: () => number = Date.now): Promise<AzurePim> {
  const requests = new Map<string, { oid: string; properties: Record<string, any> }>(); // eslint-disable-line @typescript-eslint/no-explicit-any
  const server = await startHttpsServer(authority, answer);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { status, body: told, headers } = answered(request, body);
    const type = (/"requestType":"(\w+)"/.exec(body) ?? ['', ''])[1];
    const kind =
      /(validate|cancel)\?/.exec(request.url!)?.[1] ?? (request.url!.includes('Eligibility') ? 'list' : type);
    azure.asked.push([request.method, kind, status].filter(Boolean).join(' '));
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(JSON.stringify(told));
  }

  function answered(request: IncomingMessage, body: string): Told {
    const instead = azure.instead.shift();
    if (instead !== undefined) return { body: {}, ...instead };
    try {
      return judged(request, body);
    } catch (error) {
      if (error instanceof Refused) return error.told;
      throw error;
    }
  }

  function judged({ url = '', method, headers }: IncomingMessage, body: string): Told {
    const { pathname, searchParams } = new URL(url, azure.origin);
    if (searchParams.get('api-version') !== '2020-10-01')
      throw new Refused(400, 'MissingApiVersionParameter', 'The api-version query parameter is required.');
    const claims = whoIs(headers.authorization);
    const path = decodeURIComponent(pathname);
    const at = path.indexOf(provider);
    const [kind = '', name = '', verb] = path.slice(at + provider.length).split('/');
    const scope = path.slice(0, at);
    if (kind === 'roleEligibilityScheduleInstances' && method === 'GET')
      return eligibilities(scope, claims, searchParams);
    if (kind !== 'roleAssignmentScheduleRequests' || !guid.test(name))
      throw new Refused(400, 'InvalidRequest', 'The request is invalid.');
    if (method === 'GET') return found(name, claims);
    if (method === 'POST' && verb === 'cancel') return cancelled(name, claims);
    const wish = bodyRead(body);
    if (method === 'POST' && verb === 'validate') {
      activationOf(scope, wish, claims);
      return { status: 200, body: { properties: { ...wish, status: 'Granted' } } };
    }
    if (method !== 'PUT') throw new Refused(405, 'MethodNotAllowed', 'no');
    return created(scope, name, wish, claims);
  }

  function whoIs(authorization = ''): Record<string, unknown> {
    const [, payload = ''] = authorization.replace(/^Bearer /, '').split('.');
    const claims = payload === '' ? {} : (JSON.parse(Buffer.from(payload, 'base64url').toString()) as object);
    const { aud, oid, scp } = claims as Record<string, unknown>;
    if (aud !== azure.origin || typeof oid !== 'string' || scp !== 'user_impersonation')
      throw new Refused(401, 'InvalidAuthenticationToken', 'The access token is invalid.', {
        'www-authenticate': 'Bearer error="invalid_token"',
      });
    return claims as Record<string, unknown>;
  }

  /** A page holds one, so that whoever reads the first alone misses the rest. */
  function eligibilities(scope: string, { oid }: Record<string, unknown>, search: URLSearchParams): Told {
    if (search.get('$filter') !== 'asTarget()') throw new Refused(403, 'InsufficientPermissions', noPermission);
    const mine = azure.eligible.filter(
      (each) => each.oid === oid && (inside(each.scope, scope) || inside(scope, each.scope)),
    );
    const page = Number(search.get('$skiptoken') ?? 0);
    const next = new URL(`${azure.origin}${scope}${provider}roleEligibilityScheduleInstances?${search}`);
    next.searchParams.set('$skiptoken', String(page + 1));
    return {
      status: 200,
      body: {
        value: mine.slice(page, page + 1).map((each) => ({
          properties: {
            scope: each.scope,
            roleDefinitionId: `${each.scope}${provider}roleDefinitions/${each.role}`,
            principalId: each.oid,
            principalType: 'User',
            status: 'Provisioned',
            roleEligibilityScheduleId: `${each.scope}${provider}RoleEligibilitySchedules/${scheduleOf(each)}`,
            memberType: 'Direct',
            ...(each.condition !== undefined && { condition: each.condition, conditionVersion: '2.0' }),
            expandedProperties: { roleDefinition: { displayName: each.name, type: 'BuiltInRole' } },
          },
        })),
        ...(page + 1 < mine.length && { nextLink: next.href }),
      },
    };
  }

  function bodyRead(text: string): Record<string, any> /* eslint-disable-line @typescript-eslint/no-explicit-any */ {
    const { properties } = JSON.parse(text || '{}') as { properties?: Record<string, unknown> };
    for (const part of ['principalId', 'roleDefinitionId', 'requestType'])
      if (typeof properties?.[part] !== 'string')
        throw new Refused(400, 'InvalidRequestContent', `The required property ${part} is missing.`);
    return properties!;
  }

  /** @throws Refused as Azure would refuse to activate it */
  function activationOf(
    scope: string,
    wish: ReturnType<typeof bodyRead>,
    { oid, amr = [], acrs = [] }: Record<string, any>,
  ) {
    if (wish['requestType'] !== 'SelfActivate')
      throw new Refused(400, 'InvalidRequestType', 'The request type is invalid.');
    if (wish['principalId'] !== oid)
      throw new Refused(403, 'InsufficientPermissions', 'The requestor does not have permissions for this request.');
    const role = String(wish['roleDefinitionId']).split('/').at(-1)!;
    const from = azure.eligible.find(
      (each) => each.oid === oid && each.role === role && scheduleOf(each) === wish['linkedRoleEligibilityScheduleId'],
    );
    if (from === undefined || !inside(scope, from.scope))
      throw new Refused(400, 'RoleEligibilityScheduleNotFound', 'The role eligibility schedule could not be found.');
    if (from.condition !== wish['condition'])
      throw new Refused(400, 'InvalidCondition', 'The condition differs from that of the eligibility.');
    if (active(oid, role, scope) !== undefined)
      throw new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.');
    if ([...requests.values()].some((each) => each.oid === oid && isOpen(each.properties)))
      throw new Refused(400, 'PendingRoleAssignmentRequest', 'There is already a pending request.');
    const { policy } = azure;
    const durationMs = parseDuration(wish['scheduleInfo']?.expiration?.duration ?? '');
    const failed = [
      wish['scheduleInfo']?.expiration?.type === 'AfterDuration' && durationMs! <= parseDuration(policy.maximum)!
        ? []
        : ['ExpirationRule'],
      wish['justification'] ? [] : ['JustificationRule'],
      !policy.mfa || amr.includes('mfa') ? [] : ['MfaRule'],
      !policy.ticket || wish['ticketInfo'] ? [] : ['TicketingRule'],
    ].flat();
    if (failed.length > 0)
      throw new Refused(
        400,
        'RoleAssignmentRequestPolicyValidationFailed',
        `The following policy rules failed: ${JSON.stringify(failed)}`,
      );
    if (policy.context !== undefined && !acrs.includes(policy.context)) {
      const demand = `{"access_token":{"acrs":{"essential":true, "value":"${policy.context}"}}}`;
      const message = `&claims=${encodeURIComponent(demand)}`;
      throw new Refused(400, 'RoleAssignmentRequestAcrsValidationFailed', message);
    }
    return { oid: oid as string, role, durationMs: durationMs! };
  }

  function created(
    scope: string,
    name: string,
    wish: ReturnType<typeof bodyRead>,
    claims: Record<string, unknown>,
  ): Told {
    if (requests.has(name)) throw new Refused(409, 'RoleAssignmentRequestExists', 'There is such a request.');
    const properties: Record<string, unknown> = { ...wish, scope, requestorId: claims['oid'] };
    if (wish['requestType'] === 'SelfDeactivate') {
      const role = String(wish['roleDefinitionId']).split('/').at(-1)!;
      const held = active(String(claims['oid']), role, scope);
      if (held === undefined)
        throw new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');
      if (now() - held.fromMs < 300_000)
        throw new Refused(
          400,
          'ActiveDurationTooShort',
          'The Active duration is too short. Minimum required is 5 minutes.',
        );
      held.untilMs = now();
      properties['status'] = 'Revoked';
    } else {
      activationOf(scope, wish, claims);
      properties['status'] = azure.policy.approval
        ? 'PendingApproval'
        : azure.slow
          ? 'PendingProvisioning'
          : 'Provisioned';
    }
    const request = { oid: String(claims['oid']), properties };
    requests.set(name.toLowerCase(), request);
    azure.bodies.push({ properties: wish });
    if (wish['requestType'] === 'SelfActivate' && properties['status'] === 'Provisioned') provision(request);
    return { status: 201, body: { name, properties: request.properties } };
  }

  function provision({ oid, properties }: { oid: string; properties: Record<string, any> }): void {
    const statedMs = Date.parse(properties['scheduleInfo'].startDateTime);
    const fromMs = azure.policy.approval ? now() : statedMs;
    const untilMs = fromMs + parseDuration(properties['scheduleInfo'].expiration.duration)!;
    const role = String(properties['roleDefinitionId']).split('/').at(-1)!;
    azure.activations.push({ oid, role, scope: properties['scope'], fromMs, untilMs });
  }

  function found(name: string, { oid }: Record<string, unknown>): Told {
    const request = requests.get(name.toLowerCase());
    if (request === undefined || request.oid !== oid)
      throw new Refused(404, 'RoleAssignmentScheduleRequestNotFound', 'The request could not be found.');
    return { status: 200, body: { name, properties: request.properties } };
  }

  function cancelled(name: string, { oid }: Record<string, unknown>): Told {
    const request = requests.get(name.toLowerCase());
    if (request?.oid !== oid || !isOpen(request!.properties))
      throw new Refused(400, 'RoleAssignmentRequestNotPending', 'The request cannot be cancelled.');
    request!.properties['status'] = 'Canceled';
    return { status: 200, body: {} };
  }

  const active = (oid: string, role: string, scope: string): Activation | undefined =>
    azure.activations.find(
      (each) => each.oid === oid && each.role === role && each.scope === scope && now() < each.untilMs,
    );

  const azure: AzurePim = {
    origin: server.origin,
    eligible: [],
    policy: { maximum: 'PT8H', approval: false, mfa: false, ticket: false },
    activations: [],
    asked: [],
    bodies: [],
    instead: [],
    slow: false,
    finish(status) {
      for (const request of requests.values()) {
        if (!isOpen(request.properties)) continue;
        request.properties['status'] = status;
        if (status === 'Provisioned') provision(request);
      }
    },
    isActive: (oid) =>
      azure.activations.some((each) => each.oid === oid && each.fromMs <= now() && now() < each.untilMs),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return azure;
}

const isOpen = (properties: Record<string, unknown>): boolean => /^Pending/.test(String(properties['status']));
const inside = (scope: string, outer: string): boolean =>
  `${scope.toLowerCase()}/`.startsWith(`${outer.toLowerCase()}/`);
const schedules = new WeakMap<PimEligibility, string>();

function scheduleOf(each: PimEligibility): string {
  const known = each.schedule ?? schedules.get(each) ?? crypto.randomUUID();
  schedules.set(each, known);
  return known;
}
