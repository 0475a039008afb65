// What the audit log says of a request that was let in: which call it was, as far as the app has read it, and how it ended.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { actorOf } from '../base/actor.ts';
import { oneLine } from '../base/one-line.ts';
import type { Principal } from '../base/principal.ts';
import type { AuditEntry } from '../record/entry.ts';

type Call = Pick<AuditEntry, 'action' | 'resource'>;

export interface Admitted {
  readonly request: IncomingMessage & { readonly body?: unknown };
  readonly response: ServerResponse;
  /** Of the entrance. */
  readonly path: string;
  readonly principal: Principal;
  readonly beganAtMs: number;
}

type Ending = Omit<AuditEntry, 'correlationId' | 'sourceIP' | 'userAgent'>;

const maxCalls = 50;

/** One entry for each call; none for what only keeps a conversation going. */
export function entriesOf({ request, response, path, principal, beganAtMs }: Admitted, nowMs: number): Ending[] {
  if (request.method !== 'POST') return [];
  const result = response.statusCode < 400 ? 'allowed' : 'failed';
  return callsIn(request.body, path).map((call) => ({
    timestamp: nowMs,
    user: principal.id,
    actor: actorOf(principal),
    client: principal.clientId,
    ...call,
    result,
    durationMs: nowMs - beganAtMs,
    details: { status: response.statusCode },
  }));
}

function callsIn(body: unknown, path: string): Call[] {
  // Left to the transport to read, it is not known.
  if (typeof body !== 'object' || body === null) return [{ action: 'http.post', resource: path }];
  return [body]
    .flat()
    .slice(0, maxCalls)
    .flatMap((message) => callOf(message as Record<string, unknown>, path));
}

function callOf(message: Record<string, unknown> | null, path: string): Call | [] {
  const { id, method, params } = message ?? {};
  if (typeof method !== 'string' || id === undefined || method === 'ping') return [];
  const { name, uri } = (params ?? {}) as Record<string, unknown>;
  const what = method === 'tools/call' ? `/tools/${text(name)}` : uri === undefined ? '' : `/${text(uri)}`;
  return { action: text(method), resource: path + what };
}

const text = (value: unknown): string => oneLine(typeof value === 'string' ? value : '?');
