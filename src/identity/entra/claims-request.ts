// What a sign-in or a token has to bring, as the `claims` parameter says it (OpenID Connect Core §5.5).
import { GenkanError } from '../../base/errors.ts';

/** It has to fit into an address. */
const maxLength = 4096;
type Claims = Record<string, unknown>;

/**
 * The claims of a challenge, which come from a server and go to the browser and to Entra ID.
 * @throws GenkanError `identity_request_invalid`
 */
export function readClaims(json: string): Claims {
  const wrong = (): GenkanError => new GenkanError('identity_request_invalid', { reason: 'claims' });
  if (json.length > maxLength) throw wrong();
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch {
    throw wrong();
  }
  if (!isObject(read) || Object.values(read).some((part) => !isObject(part))) throw wrong();
  if (Object.keys(read).some((place) => place !== 'access_token' && place !== 'id_token')) throw wrong();
  return read;
}

/** @returns all in one; where they differ, or are too much together, the later counts */
export function mergedClaims(...all: readonly (string | undefined)[]): string | undefined {
  const parts = all.filter((each) => each !== undefined).map(readClaims);
  if (parts.length === 0) return undefined;
  const merged: Claims = {};
  for (const part of parts)
    for (const [place, asked] of Object.entries(part))
      merged[place] = { ...(merged[place] as Claims), ...(asked as Claims) };
  const text = JSON.stringify(merged);
  return text.length <= maxLength ? text : JSON.stringify(parts.at(-1));
}

/** Authentication contexts are asked for by `acrs`, and stand in the ID token afterwards. */
export function contextClaims(contexts: readonly string[]): string | undefined {
  if (contexts.length === 0) return undefined;
  const [value] = contexts;
  const asked = contexts.length === 1 ? { value } : { values: contexts };
  return JSON.stringify({ id_token: { acrs: { essential: true, ...asked } } });
}

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
