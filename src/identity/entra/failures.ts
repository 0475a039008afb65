// What Entra ID says when it refuses (AADSTS codes), as errors that say what to do about it.
import { AuthError } from '@azure/msal-node';
import { GenkanError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { oneLine } from '../../base/one-line.ts';
import { readClaims } from './claims-request.ts';

/** What happened, for whoever has to decide what follows. */
export interface EntraFailure {
  readonly error: GenkanError;
  /** The person has to do something at Entra ID: sign in, prove more, choose another password. */
  readonly needsPerson: boolean;
  /** The sign-in itself is no good any more, wherever it is used. */
  readonly isOver: boolean;
  /** What the next sign-in has to bring. */
  readonly claims?: string;
}

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const meanings: readonly (readonly [ErrorCode, readonly number[]])[] = [
  ['identity_credential_expired', [7000222]],
  [
    'identity_credential_refused',
    [7000215, 7000218, 700027, 50012, 700021, 700023, 700024, 70021, 700211, 700212, 700213, 700222, 7000229],
  ],
  ['identity_redirect_unregistered', [50011, 500113, 900971]],
  ['identity_consent_missing', [65001, 90094, 90095, 65002, 90008]],
  ['identity_scope_unknown', [650053, 650057, 65005, 70011, 28002, 28003, 500011, 500014, 901002, 9010010]],
  ['identity_application_unknown', [700016, 7000112, 700038, 7000116, 50194, 90002, 90072]],
  ['identity_person_not_assigned', [50105]],
  ['identity_tenant_foreign', [50020, 500212, 500213, 50177, 51004]],
  [
    'identity_policy_forbids',
    [53000, 53001, 53002, 53003, 53004, 53009, 53010, 53011, 530003, 530004, 530021, 530031, 530032, 530033, 530034],
  ],
  ['identity_caller_not_person', [7000114]],
  ['identity_on_behalf_impossible', [50013, 500131, 500133, 240002, 70003]],
  ['identity_provider_unavailable', [90033, 50196, 90006, 90012, 90024, 90055]],
];
const codes: ReadonlyMap<number, ErrorCode> = new Map(
  meanings.flatMap(([code, all]) => all.map((each) => [each, code])),
);

/** Signing in again, perhaps with more, is what helps. @see the same list */
const forPerson: ReadonlySet<number> = new Set([
  16000, 50053, 50058, 50072, 50074, 50076, 50078, 50079, 50097, 50125, 50126, 50127, 50129, 50140, 50155, 50158, 50187,
  50199, 500121, 135010, 501314, 9002341,
]);
/** What was given is good for nothing any more: password changed, session revoked, token expired, account or device gone. */
const dead: ReadonlySet<number> = new Set([
  50055, 50057, 50089, 50132, 50133, 50144, 50173, 70000, 70008, 70043, 70044, 700003, 700081, 700082, 700084,
]);

/**
 * @param cause what MSAL or we ourselves threw
 * @param otherwise what it means where Entra ID says nothing that we know
 */
export function failureOf(cause: unknown, otherwise: ErrorCode): EntraFailure {
  if (cause instanceof GenkanError) return { error: cause, needsPerson: false, isOver: false };
  if (!(cause instanceof AuthError)) {
    const detail = oneLine((cause as Error).message);
    return { error: new GenkanError(otherwise, {}, { cause, detail }), needsPerson: false, isOver: false };
  }
  const { errorCode, errorMessage, subError } = cause;
  const number = numberOf(errorMessage);
  const known = number === undefined ? undefined : codes.get(number);
  const error = new GenkanError(
    isUnavailable(cause) ? 'identity_provider_unavailable' : (known ?? otherwise),
    {},
    { detail: detailOf(`${errorCode} ${subError}`, errorMessage) },
  );
  const claims = challengeOf(cause);
  const isDead = number !== undefined && dead.has(number);
  const isPersons = number !== undefined && forPerson.has(number);
  const isGrantOver = known === undefined && (errorCode === 'invalid_grant' || errorCode === 'interaction_required');
  return {
    error,
    needsPerson: claims !== undefined || isPersons || isDead || isGrantOver || errorCode === 'no_tokens_found',
    isOver: claims === undefined && isDead,
    ...(claims !== undefined && { claims }),
  };
}

function challengeOf(cause: AuthError): string | undefined {
  const { claims } = cause as { claims?: unknown };
  if (typeof claims !== 'string' || claims === '') return undefined;
  try {
    return JSON.stringify(readClaims(claims));
  } catch {
    return undefined;
  }
}

/** Entra ID says `access_denied` also for people who may not come in; AADSTS65004 is the one of those who will not. */
export function calledOff({ searchParams }: URL): boolean {
  if (searchParams.get('error') !== 'access_denied') return false;
  const number = numberOf(searchParams.get('error_description') ?? '');
  return number === undefined || number === 65004;
}

/** What the browser came back with instead of a code. */
export function failureOfCallback({ searchParams }: URL): GenkanError {
  const description = searchParams.get('error_description') ?? '';
  const number = numberOf(description);
  const code = (number === undefined ? undefined : codes.get(number)) ?? 'identity_sign_in_failed';
  return new GenkanError(code, {}, { detail: detailOf(searchParams.get('error') ?? '', description) });
}

const maxMessage = 2048;

/** What Entra ID said, and always the ids by which its sign-in logs and its support find it. */
function detailOf(error: string, whole: string): string {
  const message = whole.slice(0, maxMessage); // anybody can send one to the callback
  const said = /AADSTS\d[^]*?(?=\s*Trace ID:|$)/.exec(message)?.[0] ?? message;
  const ids = /Trace ID: [\w-]{1,64}\s+Correlation ID: [\w-]{1,64}/.exec(message)?.[0];
  return [error.trim(), said, ids]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => oneLine(part!))
    .join(' ');
}

const numberOf = (message: string): number | undefined => {
  const found = /AADSTS(\d{4,9})/.exec(message)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** What `entra-fetch.ts` throws comes back from MSAL as `network_error`. */
const unavailable: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'network_error']);

function isUnavailable({ errorCode, ...rest }: AuthError): boolean {
  const { status = 0 } = rest as { status?: number };
  return unavailable.has(errorCode) || status === 429 || status >= 500;
}
