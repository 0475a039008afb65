// Tells what may be secret in the settings of a client, where nothing says so. When in doubt, it is.
import { mask, maskSecrets, soundsSecret } from '../base/mask.ts';

// Names for which soundsSecret is too narrow: in an address or in an environment, these hold keys more often than not.
const holdsKey = /(?:^|[_.-])(?:key|keys|sig|signature|code|auth|pat|dsn)$|key$/i;
const knownPrefix =
  /(?:^|[^A-Za-z0-9])(?:gh[opsur]_|github_pat_|glpat-|sk-|xox[abeprs]-|AKIA|eyJ[A-Za-z0-9]|npm_|hf_|pk_|rk_|AIza)/;

export const namesSecret = (name: string): boolean => soundsSecret(name) || holdsKey.test(name);

/** Whether a text holds a word such as only machines write: long, of letters and digits mixed, or with a prefix that issuers of keys use. */
export function holdsRandomWord(text: string): boolean {
  if (knownPrefix.test(text)) return true;
  return text.split(/[^A-Za-z0-9]+/).some((word) => word.length >= 16 && /[A-Za-z]/.test(word) && /[0-9]/.test(word));
}

/** Whether a command line may hold a secret. Genkan hands secrets to programs through the environment alone. */
export const argumentsHoldSecret = (words: readonly string[]): boolean =>
  JSON.stringify(maskSecrets(words)) !== JSON.stringify(words) ||
  words.some(
    (word, index) =>
      holdsRandomWord(word) ||
      (/^[\w-]+\s*:\s*\S/.test(word) && namesSecret(word.split(':', 1)[0]!.trim())) ||
      (/^--?[\w-]+$/.test(words[index - 1] ?? '') && namesSecret(words[index - 1]!) && !word.startsWith('-')),
  );

/** Whether an address may hold a secret. */
export function addressHoldsSecret(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return true;
  return (
    holdsRandomWord(url.pathname) ||
    [...url.searchParams].some(([name, value]) => namesSecret(name) || holdsRandomWord(value))
  );
}

const harmless = [
  /^$/,
  /^(?:true|false|yes|no|on|off|enabled|disabled)$/i,
  /^[0-9]{1,5}$/,
  /^(?:trace|debug|info|notice|warn|warning|error|fatal|silent|production|development|test|staging|stdio|http|json|text|utf-?8)$/i,
  /^https?:\/\/[A-Za-z0-9.-]{1,100}(?::[0-9]{1,5})?\/?$/,
  /^(?:\/(?:home|Users|usr|opt|var|srv|tmp|etc|mnt|workspaces?)\/|[A-Za-z]:[\\/])[\w .\\/@+-]*$/,
];

/** Whether the value of an environment variable cannot be a secret. */
export const isHarmless = (name: string, value: string): boolean =>
  !namesSecret(name) && !holdsRandomWord(value) && harmless.some((pattern) => pattern.test(value));

/** An entry of a client as it may be shown. */
export function shownEntry(entry: unknown): unknown {
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return holdsRandomWord(value) ? mask : value;
    if (Array.isArray(value))
      return value.every((word) => typeof word === 'string') && argumentsHoldSecret(value)
        ? value.map((word: string, index) => (index === 0 || /^--?[\w-]+$/.test(word) ? hide(word) : mask))
        : value.map(hide);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        /^(?:env|headers|auth|oauth)$/i.test(key)
          ? hideAll(item)
          : key === 'url' && typeof item === 'string'
            ? shownAddress(item)
            : hide(item),
      ]),
    );
  };
  return hide(maskSecrets(entry));
}

function hideAll(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return mask;
  return Object.fromEntries(Object.keys(value).map((key) => [key, mask]));
}

function shownAddress(text: string): string {
  const url = URL.parse(text);
  return url === null || !addressHoldsSecret(url) ? text : `${url.origin}/${mask}`;
}
