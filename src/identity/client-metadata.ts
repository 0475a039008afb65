// Gives every OAuth client one safe shape, whether it registered itself (RFC 7591) or is described by a document at its URL.

type Metadata = Record<string, unknown>;

// Everything else that a client may say about itself is dropped: above all URLs that we would have to fetch or show.
const kept = new Set([
  'client_id',
  'client_id_issued_at',
  'client_name',
  'client_uri',
  'dpop_bound_access_tokens',
  'redirect_uris',
  'software_id',
  'software_version',
]);
const supportedGrants = ['authorization_code', 'refresh_token'];
const maxRedirectUris = 20;
const maxUriLength = 2000;
const maxNameLength = 80;

/** A redirect URI that is refused, with the reason for the client's developer. */
class UnsafeRedirectUri extends Error {}

/**
 * Shapes metadata in place: a public client (PKCE instead of a secret) with the code flow, whatever it asked for.
 * RFC 7591 §2 lets the server replace requested values; clients that ask for `device_code` or `client_secret_post`
 * work with the answer, and would not with a refusal.
 * @throws UnsafeRedirectUri
 */
export function shapeClient(metadata: Metadata): void {
  const grants: unknown[] = Array.isArray(metadata.grant_types) ? metadata.grant_types : [];
  for (const name of Object.keys(metadata)) if (!kept.has(name)) delete metadata[name];
  for (const name of ['client_name', 'software_id', 'software_version']) {
    const text = plainText(metadata[name]);
    if (text === undefined) delete metadata[name];
    else metadata[name] = text;
  }
  if (!isHttpsUrl(metadata.client_uri)) delete metadata.client_uri;
  if (metadata.dpop_bound_access_tokens !== true) delete metadata.dpop_bound_access_tokens; // a client may bind itself
  const redirectUris = checkRedirectUris(metadata.redirect_uris);
  Object.assign(metadata, {
    redirect_uris: redirectUris,
    grant_types: supportedGrants.filter((grant) => grant === 'authorization_code' || grants.includes(grant)),
    response_types: ['code'],
    response_modes: ['query'],
    token_endpoint_auth_method: 'none',
    // Only a native client may use loopback (any port, RFC 8252 §7.3) or a private-use scheme.
    application_type: redirectUris.every((uri) => uri.startsWith('https:')) ? 'web' : 'native',
  });
}

function checkRedirectUris(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxRedirectUris)
    throw new UnsafeRedirectUri(`redirect_uris must list 1 to ${maxRedirectUris} URIs`);
  for (const uri of value) checkRedirectUri(uri);
  return value as string[];
}

// Schemes that a browser or the system acts on itself, instead of handing the URI to the client's own program.
const refusedSchemes =
  /^(javascript|vbscript|data|blob|file|filesystem|about|view-source|ftp|wss?|mailto|tel|sms|intent|chrome|edge|ms-[a-z-]+|search|search-ms|jar|resource|urn|ldap|smb|ssh|telnet):$/;

function checkRedirectUri(uri: unknown): void {
  // A parser leaves out line breaks and more; whoever reads the URI in a record or a page would not.
  const plain = typeof uri === 'string' && uri.length <= maxUriLength && /^[\x21-\x7e]+$/.test(uri);
  const url = plain ? URL.parse(uri) : null;
  if (url === null) throw new UnsafeRedirectUri('redirect_uris must only contain valid URIs');
  if (url.username !== '' || url.password !== '')
    throw new UnsafeRedirectUri('redirect_uris must not contain user information');
  if (refusedSchemes.test(url.protocol))
    throw new UnsafeRedirectUri(`redirect_uris must not use the scheme ${url.protocol}`);
  // The host is shown to a person and stands in a Content-Security-Policy, so it must be a plain name or address.
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9._-]*)(:\d+)?$/i.test(url.host))
    throw new UnsafeRedirectUri('redirect_uris must have plain host names');
}

// Control and bidirectional characters could make a name on the consent page read as something else.
function plainText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text.slice(0, maxNameLength);
}

const isHttpsUrl = (value: unknown): boolean => typeof value === 'string' && URL.parse(value)?.protocol === 'https:';
