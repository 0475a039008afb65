// Reads what a server says about the sign-in it wants (`WWW-Authenticate`, RFC 9110 §11.6.1, RFC 6750 §3, RFC 9728 §5.1).
import { isJsonObject } from '../../protocol/message.ts';

export interface Challenge {
  /** `invalid_token`, `insufficient_scope` … */
  readonly error?: string;
  readonly scope?: string;
  readonly resourceMetadata?: string;
  /** What it demands of the person's sign-in, as JSON (claims challenge). */
  readonly claims?: string;
}

const maxLength = 8192;
const element =
  /\s*(?:,\s*)*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|(?:\s+|$|(?=,))))/y;

/** The Bearer challenge of a header; of what it says, only what is well formed. Empty when it says nothing of the kind. */
export function readChallenge(header: string | readonly string[] | undefined): Challenge {
  const text = (typeof header === 'string' ? header : (header ?? []).join(', ')).slice(0, maxLength);
  const params = new Map<string, string>();
  let bearer = false;
  element.lastIndex = 0;
  for (let match = element.exec(text); match !== null && match[0] !== ''; match = element.exec(text)) {
    const [, name = '', quoted, token] = match;
    const value = quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1');
    if (value === undefined) {
      if (bearer && params.size > 0) break; // the next scheme
      bearer = name.toLowerCase() === 'bearer';
    } else if (bearer && !params.has(name.toLowerCase())) params.set(name.toLowerCase(), value);
  }
  const claims = claimsIn(params.get('claims'));
  const [error, scope, resourceMetadata] = [params.get('error'), params.get('scope'), params.get('resource_metadata')];
  return {
    ...(error !== undefined && { error: error.slice(0, 64) }),
    ...(scopesOf(scope).length > 0 && { scope: scopesOf(scope).join(' ') }),
    ...(resourceMetadata !== undefined && URL.canParse(resourceMetadata) && { resourceMetadata }),
    ...(claims !== undefined && { claims }),
  };
}

const maxClaims = 1024;

/**
 * The demand of a claims challenge, base64 of `{"access_token":{…}}`. Nothing but that: what a server asks for of somebody's
 * ID token or profile is none of its business.
 */
function claimsIn(encoded: string | undefined): string | undefined {
  if (encoded === undefined || encoded.length > maxClaims) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    if (!isJsonObject(claims) || Object.keys(claims).join() !== 'access_token') return undefined;
    return isJsonObject(claims['access_token']) ? JSON.stringify(claims) : undefined;
  } catch {
    return undefined;
  }
}

const maxScopes = 64;

/** Scopes of a list (RFC 6749 §3.3), each once; malformed ones are left out, and so is what goes beyond a sane number. */
export const scopesOf = (list: string | undefined): string[] =>
  [...new Set((list ?? '').split(' '))]
    .filter((each) => /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(each))
    .slice(0, maxScopes);

/** All scopes of several lists, each once; undefined when there is none. */
export function scopeUnion(...lists: readonly (string | undefined)[]): string | undefined {
  const all = scopesOf(lists.filter((list) => list !== undefined).join(' '));
  return all.length > 0 ? all.join(' ') : undefined;
}
