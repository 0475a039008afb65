// The way of a request into an MCP server: name and origin → token → scopes → session → the app's own handler.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import type { Principal } from '../base/principal.ts';
import { languageOf } from '../base/text.ts';
import { Answer } from '../gateway/answer.ts';
import type { Ended } from '../gateway/presences.ts';
import { createThreshold, preflight } from '../gateway/threshold.ts';
import { fingerprint, originOf } from '../identity/identity-record.ts';
import type { Identity } from '../identity/identity.ts';
import type { Foundation } from '../wire/foundation.ts';
import { authInfoOf, scopesOf } from './auth-info.ts';
import type { AuthInfo } from './auth-info.ts';
import type { Addressed, FindEntrance } from './entrances.ts';
import { createStays } from './stays.ts';
import type { Guest, StaySettings } from './stays.ts';

/** As Express hands it over. */
export interface AppRequest extends IncomingMessage, Addressed {
  readonly originalUrl: string;
  readonly body?: unknown;
  auth?: AuthInfo;
}

export type Next = (error?: unknown) => void;

export interface Gate {
  /** Answers a request for a page of ours under a foreign name or from a foreign page. @returns whether it has */
  turnAway(request: IncomingMessage, response: ServerResponse): boolean;
  /** Lets a request go on with `auth`, or answers it. */
  pass(request: AppRequest, response: ServerResponse, next: Next, requiredScopes: readonly string[]): Promise<void>;
  /** What a bearer token is worth at a path. */
  look(token: string, path: string): Promise<AuthInfo | Refusal>;
  refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void;
  endFor(ended: Ended): void;
  close(): Promise<void>;
}

export type GateSettings = StaySettings & { readonly allowedOrigins: readonly string[] };

type Neighbours = Foundation & { readonly identity: Identity; readonly find: FindEntrance };

export function createGate(settings: GateSettings, neighbours: Neighbours): Gate {
  const { publicUrl, sourceAddress, identity, find, log } = neighbours;
  const { host, hostname } = new URL(publicUrl);
  const pages = [publicUrl, ...settings.allowedOrigins];
  const threshold = createThreshold({ hosts: new Set([host]), pages, localPages: isLoopback(hostname) });
  const stays = createStays(settings, neighbours);
  /** Who was let in with a request that is under way. */
  const admitted = new WeakMap<IncomingMessage, Guest>();

  const answerOf = (request: IncomingMessage, response: ServerResponse): Answer =>
    new Answer(response, languageOf(request.headers['accept-language']), 0, ['GET', 'POST', 'DELETE']);

  function stranger(request: IncomingMessage, response: ServerResponse, hidden: boolean): boolean {
    const refusal = threshold.checkHost(request) ?? threshold.checkOrigin(request, response, hidden);
    if (refusal !== undefined) answerOf(request, response).refuse(refusal);
    return refusal !== undefined;
  }

  /** A handler may want more than the door did; a proof of possession is good for one look. */
  async function passOn(
    request: AppRequest,
    response: ServerResponse,
    next: Next,
    required: readonly string[],
  ): Promise<void> {
    const guest = admitted.get(request)!;
    const { principal } = guest.verified;
    const refusal = lacking(principal, required);
    if (refusal === undefined) return next();
    await stays.note(guest, refusal);
    answerOf(request, response).challenge(refusal, identity.challenge(refusal, guest.entrance.address, principal));
  }

  return {
    turnAway: (request, response) => stranger(request, response, true),
    async pass(request, response, next, required) {
      if (admitted.has(request)) return passOn(request, response, next, required);
      const entrance = find(request);
      const answer = answerOf(request, response);
      if (entrance === undefined) {
        log.error(
          { path: request.baseUrl + request.path },
          '`resources` does not name this path: nobody can have a token for it',
        );
        return answer.refuse(refuse('gateway_path_unknown'));
      }
      if (stranger(request, response, false)) return;
      if (request.method === 'OPTIONS') return preflight(request, response);

      const { address, audience } = entrance;
      const { authorization, dpop } = request.headers;
      const from = originOf(request, sourceAddress);
      const verified = await identity.verify(authorization, audience, {
        ...from,
        method: request.method ?? '',
        url: publicUrl + request.originalUrl.split('?', 1)[0]!,
        proof: typeof dpop === 'string' ? dpop : undefined,
      });
      if (isRefusal(verified)) return answer.challenge(verified, identity.challenge(verified, address));
      const { principal, expiresAtMs } = verified;
      const wider = lacking(principal, required);
      const guest = { request, response, entrance, verified, from, authorization };
      if (wider !== undefined) {
        await stays.note(guest, wider);
        return answer.challenge(wider, identity.challenge(wider, address, principal));
      }
      if (response.writableEnded || request.socket.destroyed) return; // nobody would hear of the end of this stay
      const refusal = stays.admit(guest); // nothing may come between being verified and being on the list of who is here
      if (refusal !== undefined) return answer.refuse(await refusal);

      admitted.set(request, guest);
      withhold(request);
      const token = authorization!.slice(authorization!.lastIndexOf(' ') + 1);
      request.auth = authInfoOf({ fingerprint: fingerprint(token)!, audience, principal, expiresAtMs });
      next();
    },
    async look(token, path) {
      const { audience } = find({ baseUrl: '', path }) ?? {};
      if (audience === undefined) return refuse('gateway_path_unknown');
      const verified = await identity.verify(`Bearer ${token}`, audience);
      return isRefusal(verified) ? verified : authInfoOf({ ...verified, fingerprint: fingerprint(token)!, audience });
    },
    refuse: (request, response, refusal) => answerOf(request, response).refuse(refusal),
    endFor: stays.endFor,
    close: stays.close,
  };
}

/** SDKs hand the headers of a request to its tools, which are to learn who calls and not by which token. */
function withhold({ headers, headersDistinct, rawHeaders }: IncomingMessage): void {
  delete headers.authorization;
  delete headersDistinct['authorization'];
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2)
    if (rawHeaders[at]!.toLowerCase() === 'authorization') rawHeaders.splice(at, 2);
}

/** Clients step up by a scope that holds all that they have (MCP authorization, "Scope Challenge Handling"). */
function lacking(principal: Principal, required: readonly string[]): Refusal | undefined {
  const held = scopesOf(principal);
  const missing = required.filter((scope) => !held.includes(scope));
  if (missing.length === 0) return undefined;
  const scope = [...new Set([...held, ...missing])].join(' ');
  return refuse('identity_scope_missing', { scope: missing.join(' ') }, { outcome: 'challenge', data: { scope } });
}
