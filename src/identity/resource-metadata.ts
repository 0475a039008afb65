// What a client learns about our resources: RFC 9728 documents, and the challenge that leads to them.
import { describe, errorTable } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import { proofAlgorithms } from './grants/proofs.ts';
import { firstScopeOf, wholeOffer } from './scopes.ts';
import type { IdentitySettings } from './settings.ts';

/** Whether tokens are bound to keys for whoever wishes it, or always. */
type Proving = IdentitySettings['dpop'];

const prefix = '/.well-known/oauth-protected-resource';

/** Address of the RFC 9728 document of a resource (§3.1: the well-known part stands between host and path). */
function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${prefix}${pathname}`;
}

/**
 * The RFC 9728 document at `path`, or `undefined` when there is no such resource.
 * The bare well-known path describes `{issuer}/mcp`, for clients that look nowhere else.
 */
export function resourceMetadata(
  path: string,
  issuer: string,
  resources: readonly string[],
  offer = wholeOffer,
  proofs: Proving = 'optional',
): object | undefined {
  const suffix = path.slice(prefix.length);
  const resource = `${issuer}${suffix === '' || suffix === '/' ? '/mcp' : suffix}`;
  if (!path.startsWith(prefix) || !resources.includes(resource)) return undefined;
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: [firstScopeOf(resource, offer), 'offline_access'],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    dpop_bound_access_tokens_required: proofs === 'required',
    resource_name: `Genkan ${new URL(resource).pathname}`,
  };
}

/** The `WWW-Authenticate` value for a refusal (RFC 6750 §3, RFC 9728 §5.1, RFC 9449 §7). */
export function challenge(
  refusal: Refusal,
  resource: string,
  offer = wholeOffer,
  proofs: Proving = 'optional',
): string {
  const parameters: [string, string][] = [];
  // RFC 6750 §3.1: a request without any credentials gets no error code.
  if (refusal.code !== 'identity_token_missing') {
    parameters.push(['error', oauthErrorOf(refusal.code)], ['error_description', describe(refusal).message]);
  }
  const { scope = firstScopeOf(resource, offer), acr_values: contexts, max_age: age } = refusal.data ?? {};
  // RFC 9470 §3, for clients that know it; the others step up by the scope (MCP authorization, "Scope Challenge Handling").
  if (contexts !== undefined) parameters.push(['acr_values', String(contexts)]);
  if (age !== undefined) parameters.push(['max_age', String(age)]);
  // A new sign-in changes nothing about an access that a policy blocks.
  if (refusal.outcome !== 'block') parameters.push(['scope', String(scope)]);
  parameters.push(['resource_metadata', metadataUrl(resource)]);
  const written = (more: typeof parameters = []): string =>
    [...parameters, ...more].map(([name, value]) => `${name}="${quotable(value)}"`).join(', ');
  const algorithms = proofAlgorithms.join(' ');
  const faulty = refusal.code === 'identity_proof_invalid' || refusal.code === 'identity_token_bound';
  if (faulty || proofs === 'required') return `DPoP ${written([['algs', algorithms]])}`; // §7.1
  // §7.2: both are welcome. Bearer stands first, where clients look that know nothing else.
  const error = oauthErrorOf(refusal.code);
  return `Bearer ${written()}${error === 'invalid_token' ? `, DPoP algs="${algorithms}"` : ''}`;
}

function oauthErrorOf(code: ErrorCode): string {
  const row = errorTable[code];
  return 'oauth' in row ? row.oauth : 'invalid_token';
}

// RFC 6750 §3: %x20-21 / %x23-5B / %x5D-7E
const quotable = (value: string): string => value.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, ' ');
