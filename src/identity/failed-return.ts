// What went wrong when somebody came back from a sign-in, told at an address of its own: a browser keeps addresses, codes must not stay in them.
import { GenkanError } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';

/** Anybody can write such an address, so it says nothing but one of these. */
const told: ReadonlySet<string> = new Set<ErrorCode>([
  'identity_application_unknown',
  'identity_consent_missing',
  'identity_credential_expired',
  'identity_credential_refused',
  'identity_credential_unusable',
  'identity_groups_named',
  'identity_groups_unavailable',
  'identity_person_not_assigned',
  'identity_policy_forbids',
  'identity_provider_unavailable',
  'identity_redirect_unregistered',
  'identity_requests_too_many',
  'identity_sign_in_disabled',
  'identity_scope_unknown',
  'identity_sign_in_expired',
  'identity_sign_in_failed',
  'identity_tenant_foreign',
  'record_unavailable',
  'upstream_sign_in_expired',
  'upstream_sign_in_failed',
  'upstream_sign_in_other_person',
  'upstream_unavailable',
  'upstream_unknown',
]);

/** Whether an address has something in it that must go. */
export const holdsCode = ({ searchParams }: URL): boolean => searchParams.has('code') || searchParams.has('state');

/** @returns where to tell it */
export function addressOfFailure({ pathname }: URL, { code, params: { server } }: Refusal): string {
  const query = new URLSearchParams({ failed: code, ...(server !== undefined && { server: String(server) }) });
  return `${pathname}?${query.toString()}`;
}

/** @returns the error that an address tells of */
export function failureAt({ searchParams }: URL): GenkanError | undefined {
  const code = searchParams.get('failed');
  if (code === null) return undefined;
  const server = /^[a-z0-9-]{1,40}$/.exec(searchParams.get('server') ?? '')?.[0] ?? '';
  return new GenkanError(told.has(code) ? (code as ErrorCode) : 'gateway_fault', { server });
}
