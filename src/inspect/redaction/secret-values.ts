// Whether what stands where a secret belongs is one: an example, a reference and a word of prose are not.
import type { NameKind } from './secret-names.ts';
import { variety } from './characters.ts';

/** What people write where no secret is to be seen, and the names of types. */
const placeholder =
  /^(?:genkan_.*|.*\.{3}|[*•.xX#_-]+|.*\*{4,}|<.*>?|\[.*\]?|\$.*|\{+.*|%\w+%?|@Microsoft\.KeyVault.*|null|nil|none|undefined|true|false|yes|no|string|str|text|object|number|boolean|bytes|any|required|optional|redacted|masked|hidden|secret|password|token|your[-_ ].*|my[-_](?:secret|password|token|key).*|process\.env.*|os\.(?:environ|getenv).*|env[:.(].*|vault:.*|secretref:.*|n\/a)$/i;
/** Code that fetches a value, places and addresses. */
const elsewhere =
  /^(?:[A-Za-z_$]+(?:\.[A-Za-z_$]+)+|[\w.$]*\(.*|[A-Za-z_$][\w.$]*\[\w*\].*|.*:\/\/.*|\.{0,2}\/.*|~\/.*|[A-Za-z]:\\.*|\d{4}-\d\d-\d\d.*)$/;

const maxValue = 512;

export interface Given {
  /** In quotes, or the whole of a member. */
  readonly quoted: boolean;
  /** In a connection string, a query or a form, where nothing but a value can stand. */
  readonly exact: boolean;
}

export function isSecretValue(kind: NameKind, value: string, { quoted, exact }: Given): boolean {
  if (value.length < (kind === 'password' ? (exact || quoted ? 1 : 5) : 8) || value.length > maxValue) return false;
  if (placeholder.test(value)) return false;
  if (kind === 'password') {
    if (exact) return true;
    if (/[^\x20-\x7e]/.test(value) || elsewhere.test(value)) return false;
    if (/\s/.test(value)) return quoted && /\d/.test(value) && /[^\w\s.,;:'()-]/.test(value);
    if (quoted) return value.length >= 4;
    return (
      !/^[A-Za-z]+[.,;:)]*$/.test(value) &&
      !/[()[\]{}|]$/.test(value) &&
      /[A-Za-z]/.test(value + (/^\d{5,}$/.test(value) ? 'a' : ''))
    );
  }
  if (!/^[\x21-\x7e]+$/.test(value) || (elsewhere.test(value) && !isKey(value))) return false;
  // Random text has digits among its letters and repeats little; names of things have words.
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return variety(value, 0, value.length) >= Math.min(8, Math.ceil(value.length / 2)) && !isWords(value);
}

/** `my-client-secret-2`, `refresh_token_v2`: words with dashes, and a number at the most. */
const isWords = (value: string): boolean => /^[A-Za-z]{2,}(?:[-_.:/][A-Za-z]+)*(?:[-_.:/]?v?\d{1,3})?$/.test(value);

/** Keys in base64 may begin with a slash, as paths do. */
const isKey = (value: string): boolean =>
  /^[A-Za-z0-9+/]{32,}={0,2}$/.test(value) && /[a-z]/.test(value) && /[A-Z].*[A-Z]/.test(value) && /\d.*\d/.test(value);
