// What Azure Resource Manager says when it does not do what it was asked.
import { oneLine } from '../../../base/one-line.ts';
import { retryAfterMs } from '../../../base/retry-after.ts';

export interface ArmFault {
  readonly status: number;
  /** `RoleAssignmentExists` …; empty where it gives none. */
  readonly code: string;
  readonly message: string;
  /** What it demands of the person's sign-in, as JSON (claims challenge). */
  readonly claims?: string;
  /** It passes by itself; as long as this it is left alone. */
  readonly laterMs?: number;
}

const passing: ReadonlySet<number> = new Set([408, 409, 425, 429]);

export function faultOf(status: number, body: unknown, headers: Headers, nowMs: number): ArmFault {
  const { error = {} } = (isObject(body) ? body : {}) as { error?: unknown };
  const told = isObject(error) ? error : {};
  const [code, message] = [told['code'], told['message']].map((text) => (typeof text === 'string' ? text : ''));
  const claims = challengeIn(headers) ?? demandIn(code!, message!);
  const isPassing = passing.has(status) || status >= 500;
  return {
    status,
    code: oneLine(code!).slice(0, 100),
    message: oneLine(message!),
    ...(claims !== undefined && { claims }),
    ...(isPassing && { laterMs: retryAfterMs(headers.get('retry-after'), nowMs) ?? 0 }),
  };
}

/** `WWW-Authenticate: Bearer … claims="{base64}"`: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function challengeIn(headers: Headers): string | undefined {
  const header = (headers.get('www-authenticate') ?? '').slice(0, 8192);
  const [, encoded] = /\bclaims="([A-Za-z0-9+/=_-]{1,2048})"/.exec(header) ?? [];
  return encoded === undefined ? undefined : demand(Buffer.from(encoded, 'base64').toString('utf8'));
}

/**
 * Where a role asks for an authentication context, PIM says so with status 400, and with the claims in the message:
 * `&claims=%7B%22access_token%22%3A%7B%22acrs%22…` (https://github.com/Azure/azure-powershell/issues/25421).
 */
function demandIn(code: string, message: string): string | undefined {
  if (!code.endsWith('AcrsValidationFailed')) return undefined;
  const [, text = ''] = /claims=(\{.*\}|%7B[^\s&]*)/i.exec(message.slice(0, 4096)) ?? [];
  try {
    return demand(text.startsWith('{') ? text : decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

const maxClaims = 1024;

/** Nothing but a demand on the access token: the rest of somebody's sign-in is none of its business. */
function demand(json: string): string | undefined {
  if (json.length > maxClaims) return undefined;
  try {
    const claims: unknown = JSON.parse(json);
    const isDemand =
      isObject(claims) && Object.keys(claims).join() === 'access_token' && isObject(claims['access_token']);
    return isDemand ? JSON.stringify(claims) : undefined;
  } catch {
    return undefined;
  }
}

/** The authentication context that a challenge asks for, where it asks for one. */
export function contextIn(claims: string | undefined): string | undefined {
  if (claims === undefined) return undefined;
  const { access_token: token } = JSON.parse(claims) as { access_token: { acrs?: { value?: unknown } } };
  const value = token.acrs?.value;
  return typeof value === 'string' && /^c[1-9]\d?$/.test(value) ? value : undefined;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
