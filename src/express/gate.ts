// The way of a request into an MCP server: name and origin → token → scopes → session → the app's own handler.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import type { Principal } from '../base/principal.ts';
import { languageOf } from '../base/text.ts';
import { Answer } from '../gateway/answer.ts';
import { createOpenStreams } from '../gateway/open-streams.ts';
import type { Ended } from '../gateway/presences.ts';
import { createThreshold, preflight } from '../gateway/threshold.ts';
import { fingerprint, originOf } from '../identity/identity-record.ts';
import type { Identity } from '../identity/identity.ts';
import type { Foundation } from '../wire/foundation.ts';
import { listenFor } from './announced-session.ts';
import { authInfoOf, scopesOf } from './auth-info.ts';
import type { AuthInfo } from './auth-info.ts';
import { entriesOf } from './call-record.ts';
import type { Addressed, Entrance, FindEntrance } from './entrances.ts';
import { createSessionBook } from './session-book.ts';
import type { SessionSettings } from './session-book.ts';

/** As Express hands it over. */
export interface AppRequest extends IncomingMessage, Addressed {
  readonly originalUrl: string;
  auth?: AuthInfo;
}

export type Next = (error?: unknown) => void;

export interface Gate {
  /** Whether a request is for the MCP server at all. */
  readonly find: FindEntrance;
  /** Answers a request for a page of ours under a foreign name or from a foreign page. @returns whether it has */
  turnAway(request: IncomingMessage, response: ServerResponse): boolean;
  /** Lets a request go on with `auth`, or answers it. */
  pass(request: AppRequest, response: ServerResponse, next: Next, requiredScopes: readonly string[]): Promise<void>;
  /** What a bearer token is worth at a path. */
  look(token: string, path: string): Promise<AuthInfo | Refusal>;
  refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void;
  endFor(ended: Ended): void;
  close(): void;
}

export interface GateSettings extends SessionSettings {
  readonly recheckSeconds: number;
  readonly allowedOrigins: readonly string[];
}

export function createGate(
  settings: GateSettings,
  { identity, find, ...ground }: Foundation & { readonly identity: Identity; readonly find: FindEntrance },
): Gate {
  const { publicUrl, clock, log, record, sourceAddress } = ground;
  const { host, hostname } = new URL(publicUrl);
  const threshold = createThreshold({
    hosts: new Set([host]),
    pages: [publicUrl, ...settings.allowedOrigins],
    localPages: hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]',
  });
  /** Who was let in with a request that is under way. */
  const admitted = new WeakMap<IncomingMessage, { readonly principal: Principal; readonly address: string }>();
  const sessions = createSessionBook(settings, clock);
  const streams = createOpenStreams(settings.recheckSeconds * 1000);

  const answerOf = (request: IncomingMessage, response: ServerResponse): Answer =>
    new Answer(response, languageOf(request.headers['accept-language']), 0, ['GET', 'POST', 'DELETE']);

  /** The session that a request names, or why it may not name it so. */
  function sessionNamed(request: AppRequest, { takesMessages, audience }: Entrance): string | undefined | Refusal {
    const header = request.headers['mcp-session-id'];
    if (!takesMessages) return header === undefined ? undefined : headerKey(audience, String(header));
    // Whatever else a query parser would take for the same name, an app would look its session up by.
    const named = [...new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'))].filter(([name]) =>
      /^\W*sessionid/i.test(name),
    );
    if (header !== undefined || named.length !== 1 || named[0]![0] !== 'sessionId')
      return refuse('gateway_session_required');
    return queryKey(audience, named[0]![1]);
  }

  function stranger(request: IncomingMessage, response: ServerResponse, hidden: boolean): boolean {
    const refusal = threshold.checkHost(request) ?? threshold.checkOrigin(request, response, hidden);
    if (refusal !== undefined) answerOf(request, response).refuse(refusal);
    return refusal !== undefined;
  }

  /** A handler may want more than the door did; a proof of possession is good for one look. */
  function passOn(request: AppRequest, response: ServerResponse, next: Next, required: readonly string[]): void {
    const { principal, address } = admitted.get(request)!;
    const refusal = lacking(principal, required);
    if (refusal === undefined) return next();
    answerOf(request, response).challenge(refusal, identity.challenge(refusal, address, principal));
  }

  async function pass(request: AppRequest, response: ServerResponse, next: Next, required: readonly string[]) {
    if (admitted.has(request)) return passOn(request, response, next, required);
    const entrance = find(request);
    if (entrance === undefined) return answerOf(request, response).refuse(refuse('gateway_path_unknown'));
    if (stranger(request, response, false)) return;
    if (request.method === 'OPTIONS') return preflight(request, response);
    const { address, audience, path } = entrance;
    const [beganAtMs, from] = [clock.now(), originOf(request, sourceAddress)];
    const { authorization } = request.headers;
    const proof = request.headers['dpop'];
    const verdict = await identity.verify(authorization, audience, {
      ...from,
      method: request.method ?? '',
      url: publicUrl + request.originalUrl.split('?', 1)[0]!,
      proof: typeof proof === 'string' ? proof : undefined,
    });
    const who = isRefusal(verdict) ? verdict : (lacking(verdict.principal, required) ?? verdict);
    if (isRefusal(who)) {
      const principal = isRefusal(verdict) ? undefined : verdict.principal;
      return answerOf(request, response).challenge(who, identity.challenge(who, address, principal));
    }
    const { principal, expiresAtMs } = who;
    admitted.set(request, { principal, address });

    const named = sessionNamed(request, entrance);
    if (isRefusal(named)) return answerOf(request, response).refuse(named);
    if (named !== undefined && !sessions.isOf(named, principal)) {
      if (sessions.has(named)) {
        const details = { name: principal.name, clientId: principal.clientId };
        append({ ...entryBy(principal), action: 'session/foreign', result: 'blocked', details });
      }
      return answerOf(request, response).refuse(refuse('gateway_session_unknown'));
    }

    const end = (): void => void response.destroy();
    const allowed = async (): Promise<boolean> =>
      !isRefusal(await identity.verify(authorization, audience, from, true));
    const leave = streams.add({ allowed, end, whose: { principal, server: undefined } });
    response.once('close', () => {
      leave();
      if (request.method === 'DELETE' && named !== undefined && response.statusCode < 300) sessions.release(named);
      for (const entry of entriesOf({ request, response, path, principal, beganAtMs }, clock.now()))
        append({ ...entry, correlationId: correlationId(), ...from });
    });
    listenFor(response, {
      onHeader: (id) => bound(headerKey(audience, id), false),
      onEndpoint(announced) {
        const url = URL.parse(announced, publicUrl);
        const id = url?.searchParams.get('sessionId');
        const door = url?.origin === new URL(publicUrl).origin ? find({ baseUrl: '', path: url.pathname }) : undefined;
        // Where nobody asked for a token, anybody could post to this stream.
        if (!id || door?.takesMessages !== true || door.audience !== audience) {
          log.error(
            { path: url?.pathname },
            'a stream was cut: clients are to post where `messages` of protect() does not say',
          );
          return false;
        }
        const key = queryKey(audience, id);
        response.once('close', () => sessions.release(key));
        return bound(key, true);
      },
    });
    request.auth = authInfoOf({ fingerprint: fingerprint(tokenIn(authorization))!, audience, principal, expiresAtMs });
    next();

    function bound(key: string, streaming: boolean): boolean {
      if (sessions.bind(key, principal, streaming)) return true;
      log.error({ path }, 'an answer was cut: the MCP server announced the session of one person to another');
      return false;
    }

    function entryBy({ id: user }: Principal) {
      return { timestamp: clock.now(), user, resource: path, correlationId: correlationId(), ...from };
    }
  }

  function append(entry: Parameters<typeof record.append>[0]): void {
    record.append(entry).catch((error: unknown) => log.error({ err: error }, 'a call was not recorded'));
  }

  return {
    find,
    turnAway: (request, response) => stranger(request, response, true),
    pass,
    async look(token, path) {
      const { audience } = find({ baseUrl: '', path }) ?? {};
      if (audience === undefined) return refuse('gateway_path_unknown');
      const verdict = await identity.verify(`Bearer ${token}`, audience);
      return isRefusal(verdict) ? verdict : authInfoOf({ ...verdict, fingerprint: fingerprint(token)!, audience });
    },
    refuse: (request, response, refusal) => answerOf(request, response).refuse(refusal),
    endFor(ended) {
      sessions.endFor(ended);
      streams.endFor(ended);
    },
    close() {
      streams.endAll();
      streams.close();
    },
  };
}

/** Clients step up by a scope that holds all that they have (MCP authorization, "Scope Challenge Handling"). */
function lacking(principal: Principal, required: readonly string[]): Refusal | undefined {
  const held = scopesOf(principal);
  const missing = required.filter((scope) => !held.includes(scope));
  if (missing.length === 0) return undefined;
  const scope = [...new Set([...held, ...missing])].join(' ');
  return refuse('identity_scope_missing', { scope: missing.join(' ') }, { outcome: 'challenge', data: { scope } });
}

const headerKey = (audience: string, id: string): string => `${audience} header ${id}`;
const queryKey = (audience: string, id: string): string => `${audience} query ${id}`;

const tokenIn = (authorization = ''): string => authorization.slice(authorization.lastIndexOf(' ') + 1);
