// The REST door: POST /api/{noun}/{verb} carries out an operation for a bearer of a token, or for the operator at this machine.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { actorOf } from '../base/actor.ts';
import { describe, errorTable, GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId, unguessableId } from '../base/ids.ts';
import { oneLine } from '../base/one-line.ts';
import type { Principal } from '../base/principal.ts';
import { languageOf } from '../base/text.ts';
import { demandFor } from '../identity/step-up.ts';
import { keyFile } from '../state/key-files.ts';
import type { House } from './house.ts';
import { openApi } from './open-api.ts';
import type { AnyOperation, Caller } from './operation.ts';
import { operator, operatorKeyFile } from './operator.ts';
import { perform } from './perform.ts';
import { findOperation, operations } from './registry.ts';

export interface RestNeighbours {
  /**
   * Identity: whose token is it, and was it issued for `{publicUrl}/api`?
   * @param again of a request that was let in before, whose proof is used up
   */
  readonly verify: (authorization: string | undefined, from: Origin, again?: true) => Verdict | Promise<Verdict>;
  /** The `WWW-Authenticate` value for a refusal of `verify`. */
  readonly challenge: (refusal: Refusal) => string;
  /** Authentication context that proves a second factor, where one is known. */
  readonly secondFactor: string | undefined;
  /** Folder of the operator's key, which the command line on this machine reads. */
  readonly keysDirectory: string;
  readonly sourceAddress: (request: IncomingMessage) => string;
}

interface Origin extends Pick<Caller, 'sourceIP' | 'userAgent'> {
  /** What a proof of possession must speak of. */
  readonly method: string;
  readonly path: string;
  readonly proof: string | undefined;
}

type Verdict = { readonly outcome: 'allow'; readonly principal: Principal } | Refusal;

export interface RestDoor {
  /** Serves one request below `/api`. Throws only what the listener answers as a fault. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Lets whoever may do this in, at an address that is no operation; on record in any case.
   * @returns a refusal, for which the headers of the answer are set
   */
  admit(
    request: IncomingMessage,
    response: ServerResponse,
    what: { readonly action: `genkan/${string}`; readonly as: string; readonly resource: string },
  ): Promise<Refusal | undefined>;
}

const route = /^\/api\/([a-z-]{1,40})\/([a-z-]{1,40})$/;
const maxBodyBytes = 1_048_576;

export function createRestDoor(
  house: House,
  { verify, challenge, secondFactor, keysDirectory, sourceAddress }: RestNeighbours,
): RestDoor {
  const operatorKey = digest(keyFile(operatorKeyFile(keysDirectory), () => `${unguessableId()}\n`).trim());
  let description: Buffer | undefined; // few ever ask for it

  const described = (): Buffer => Buffer.from(JSON.stringify(openApi(operations, house.publicUrl)));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [address = '', query] = (request.url ?? '').split('?', 2);
    if (address === '/api/openapi.json' && request.method === 'GET')
      return send(response, 200, 'application/json', (description ??= described()));
    const [, noun = '', verb = ''] = route.exec(address) ?? [];
    const operation = query === undefined ? findOperation(noun, verb) : undefined;
    const refused = (refusal: Refusal): void => problem(request, response, refusal);
    const from = originOf(request);
    const { sourceIP, userAgent } = from;

    const isTheirs = isOperator(request);
    const whoIs = (again?: true): Verdict | Promise<Verdict> =>
      isTheirs ? { outcome: 'allow', principal: operator } : verify(request.headers.authorization, from, again);
    const challenged = async (refusal: Refusal): Promise<void> => {
      response.setHeader('www-authenticate', challenge(refusal));
      await recordChallenge(from, operation, refusal);
      return refused(refusal);
    };

    const who = await whoIs();
    if (isRefusal(who)) return challenged(who);
    if (operation === undefined || !offers(operation, who.principal))
      return refused(refuse('operation_unknown', { operation: `${noun} ${verb}`.trim() }));
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return refused(refuse('gateway_http_method'));
    }
    const given = await readJson(request);
    if (isRefusal(given)) return refused(given);
    // The rest of a body comes when its sender likes: whoever was disabled meanwhile is not to enable themselves with it.
    const still = await whoIs(true);
    if (isRefusal(still)) return challenged(still);
    const outcome = await perform(operation, given.value, { principal: still.principal, sourceIP, userAgent }, house);
    if (outcome.outcome !== 'allow') return refused(demanding(outcome, still.principal, response));
    send(response, 200, 'application/json', Buffer.from(JSON.stringify(outcome.output)));
  }

  /** What a person may do once they have shown a second factor, a client can ask them for (RFC 9470 §3). */
  function demanding(refusal: Refusal, principal: Principal, response: ServerResponse): Refusal {
    const row = errorTable[refusal.code];
    const isLacking = 'oauth' in row && row.oauth === 'insufficient_scope';
    if (!isLacking || secondFactor === undefined) return refusal;
    const demand = demandFor(principal, `${house.publicUrl}/api`, [secondFactor]);
    const whole = { ...refusal, data: { ...refusal.data, ...demand } };
    response.setHeader('www-authenticate', challenge(whole));
    return whole;
  }

  // Proxies on this machine connect from loopback too, so a request that came by one is not the operator's.
  function isOperator({ headers, socket }: IncomingMessage): boolean {
    const [scheme, key] = (headers.authorization ?? '').split(' ', 2);
    if (scheme !== 'Operator' || key === undefined || !isLocal(socket)) return false;
    if (headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined || headers.via !== undefined)
      return false;
    return timingSafeEqual(digest(key), operatorKey);
  }

  const originOf = (request: IncomingMessage): Origin => ({
    sourceIP: sourceAddress(request),
    userAgent: oneLine(request.headers['user-agent'] ?? ''),
    method: request.method ?? '',
    path: (request.url ?? '').split('?', 1)[0]!,
    proof: proofIn(request),
  });

  const admit: RestDoor['admit'] = async (request, response, { action, as, resource }) => {
    const from = originOf(request);
    const { sourceIP, userAgent } = from;
    const who = isOperator(request)
      ? { outcome: 'allow' as const, principal: operator }
      : await verify(request.headers.authorization, from);
    if (isRefusal(who)) {
      response.setHeader('www-authenticate', challenge(who));
      await recordChallenge(from, { id: as }, who);
      return who;
    }
    const { principal } = who;
    const missing = { tool: as, scope: '/', missing: action };
    const refusal = house.access.allows(principal, action, '/') ? undefined : refuse('access_action_missing', missing);
    await house.record.append({
      timestamp: house.clock.now(),
      user: principal.id,
      actor: actorOf(principal),
      client: principal.clientId,
      effect: 'read',
      action: as,
      resource,
      result: refusal === undefined ? 'allowed' : 'denied',
      details: refusal === undefined ? {} : { code: refusal.code, params: refusal.params },
      correlationId: correlationId(),
      sourceIP,
      userAgent,
    });
    return refusal;
  };

  async function recordChallenge(
    { sourceIP, userAgent }: Origin,
    operation: Pick<AnyOperation, 'id'> | undefined,
    { code }: Refusal,
  ): Promise<void> {
    await house.record.append({
      timestamp: house.clock.now(),
      user: '',
      action: operation?.id ?? 'api',
      resource: '/api',
      result: 'challenged',
      details: { code },
      correlationId: correlationId(),
      sourceIP,
      userAgent,
    });
  }

  return {
    admit,
    handle: (request, response) =>
      answer(request, response).catch((error: unknown) => {
        if (error instanceof GenkanError) problem(request, response, error.toRefusal());
        else throw error;
      }),
  };
}

// What is not for REST is for the operator alone, whose command line knocks here while a server runs.
const offers = ({ doors }: AnyOperation, { kind }: Principal): boolean => doors.includes('rest') || kind === 'operator';

// Loopback, or a connection from an address of this machine to itself, where Genkan listens on no loopback address.
const isLocal = ({ remoteAddress = '', localAddress }: IncomingMessage['socket']): boolean =>
  /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress) || (remoteAddress !== '' && remoteAddress === localAddress);

const proofIn = ({ headers: { dpop } }: IncomingMessage): string | undefined =>
  typeof dpop === 'string' ? dpop : undefined;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

async function readJson(request: IncomingMessage): Promise<{ readonly value: unknown } | Refusal> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return refuse('inspect_body_too_large', { limit: maxBodyBytes });
    chunks.push(chunk);
  }
  if (bytes === 0) return { value: {} };
  // Any web page can post other types to us without asking first; this one needs a preflight (Fetch §4.8).
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/json') return refuse('inspect_media_type');
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) };
  } catch {
    return refuse('inspect_not_json');
  }
}

// RFC 9457
function problem(request: IncomingMessage, response: ServerResponse, { code, params, data }: Refusal): void {
  if (response.headersSent) return void response.destroy();
  const { message: title, hint: detail } = describe({ code, params }, languageOf(request.headers['accept-language']));
  const status = errorTable[code].http;
  const body = JSON.stringify({ ...data, type: 'about:blank', title, status, detail, code });
  if (!request.complete) response.setHeader('connection', 'close');
  send(response, status, 'application/problem+json', Buffer.from(body));
}

function send(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response
    .writeHead(status, { 'content-type': type, 'content-length': body.length, 'cache-control': 'no-store' })
    .end(body);
}
