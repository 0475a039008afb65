// Azure Resource Manager, asked as one person or as Genkan itself: every request with a token in their name, every answer bounded and read with suspicion.
import { SignInAgain } from '../../../base/caller-tokens.ts';
import type { CallerTokens } from '../../../base/caller-tokens.ts';
import type { Clock } from '../../../base/clock.ts';
import { GenkanError } from '../../../base/errors.ts';
import type { ErrorCode } from '../../../base/errors.ts';
import { contextIn, faultOf, isObject } from './faults.ts';
import type { ArmFault } from './faults.ts';

export type Answered =
  | { readonly kind: 'done'; readonly body: Readonly<Record<string, unknown>> }
  /** For good, as things are. */
  | { readonly kind: 'refused'; readonly status?: number; readonly code: string; readonly message: string }
  /** Nothing comes of it before the person has signed in anew. */
  | { readonly kind: 'sign-in'; readonly message: string; readonly context?: string }
  | { readonly kind: 'later'; readonly message: string; readonly inMs: number };

export interface ArmRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** As scopes are written: what is in it is encoded here. */
  readonly path: string;
  readonly filter?: string;
  /** By default that of activations. */
  readonly apiVersion?: string;
  readonly body?: object;
}

export interface Arm {
  ask(person: string, request: ArmRequest): Promise<Answered>;
  /** All of a list. */
  list(
    person: string,
    request: Pick<ArmRequest, 'path' | 'filter' | 'apiVersion'>,
  ): Promise<Answered & { items?: readonly unknown[] }>;
}

interface ArmNeighbours {
  readonly callers: Pick<CallerTokens, 'tokenFor'>;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

// https://learn.microsoft.com/rest/api/authorization/role-assignment-schedule-requests
const ofActivations = '2020-10-01';
const longestMs = 15_000;
const maxBytes = 1_000_000;
const maxPages = 20;
const away: ReadonlySet<ErrorCode> = new Set(['identity_provider_unavailable', 'state_lease_busy']);

export function createArm(managementUrl: string, { callers, fetch, clock }: ArmNeighbours): Arm {
  const scopes = [`${managementUrl}/.default`];

  function addressOf({ path, filter, apiVersion = ofActivations }: ArmRequest): string {
    const url = new URL(path.split('/').map(encodeURIComponent).join('/'), managementUrl);
    if (filter !== undefined) url.searchParams.set('$filter', filter);
    url.searchParams.set('api-version', apiVersion);
    return url.href;
  }

  async function send(url: string, { method, body }: Pick<ArmRequest, 'method' | 'body'>, token: string) {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'error', // the token is for nobody else
      signal: AbortSignal.timeout(longestMs),
    });
    const text = await bounded(response);
    return { response, body: jsonOf(text) };
  }

  /** Once more with another token where this one was not good, or not good enough; never a third time. */
  async function answered(
    person: string,
    url: string,
    request: Pick<ArmRequest, 'method' | 'body'>,
  ): Promise<Answered> {
    let fault: ArmFault | undefined;
    for (const renewed of [false, true]) {
      const given = await tokenOf(person, renewed, fault?.claims);
      if ('kind' in given) return given;
      let got: Awaited<ReturnType<typeof send>>;
      try {
        got = await send(url, request, given.token);
      } catch (error) {
        const { name, cause } = error as Error & { cause?: { code?: string } };
        return { kind: 'later', message: `no answer: ${cause?.code ?? name}`, inMs: 0 };
      }
      const { response, body } = got;
      if (response.ok) return { kind: 'done', body: isObject(body) ? body : {} };
      fault = faultOf(response.status, body, response.headers, clock.now());
      if (fault.claims === undefined && fault.status !== 401) break;
    }
    const { status, code, message, claims, laterMs } = fault!;
    const said = `${code || status}${message === '' ? '' : `: ${message}`}`;
    const context = contextIn(claims);
    if (claims !== undefined || status === 401)
      return { kind: 'sign-in', message: code || String(status), ...(context !== undefined && { context }) };
    if (laterMs !== undefined) return { kind: 'later', message: said, inMs: laterMs };
    return { kind: 'refused', status, code, message: said };
  }

  async function tokenOf(person: string, renewed: boolean, claims?: string): Promise<{ token: string } | Answered> {
    try {
      return await callers.tokenFor(person, scopes, renewed, claims);
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      const { code, message } = error;
      if (away.has(code)) return { kind: 'later', message: code, inMs: 0 };
      if (!(error instanceof SignInAgain)) return { kind: 'refused', code, message: `${code}: ${message}` };
      const context = contextIn(claims) ?? contextIn(readable(error.claims));
      return { kind: 'sign-in', message: code, ...(context !== undefined && { context }) };
    }
  }

  return {
    ask: (person, request) => answered(person, addressOf(request), request),
    async list(person, request) {
      const items: unknown[] = [];
      let url = addressOf({ method: 'GET', ...request });
      for (let page = 0; page < maxPages; page += 1) {
        const answer = await answered(person, url, { method: 'GET' });
        if (answer.kind !== 'done') return answer;
        const { value, nextLink } = answer.body;
        if (!Array.isArray(value)) return { kind: 'refused', code: 'NoList', message: 'what came back is no list' };
        items.push(...(value as unknown[]));
        if (typeof nextLink !== 'string' || nextLink === '') return { ...answer, items };
        // The token goes nowhere else, whatever the answer says.
        if (!URL.canParse(nextLink) || new URL(nextLink).origin !== managementUrl)
          return { kind: 'refused', code: 'OtherAddress', message: 'the list goes on at another address' };
        url = nextLink;
      }
      return { kind: 'refused', code: 'TooMuch', message: 'the list has no end' };
    },
  };
}

/** Claims of a refusal by Entra ID may ask for more than an access token. */
const readable = (claims: string | undefined): string | undefined =>
  claims?.includes('"access_token"') === true ? claims : undefined;

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
