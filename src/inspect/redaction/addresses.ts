// E-mail addresses, passwords in addresses, and the machine-readable zone of passports: what a single character gives away.
import { alphanumeric, classAt, dashLine, dot, percent, runEnd, runStart, tilde } from './characters.ts';
import { fitsTravelDocument } from './check-digits.ts';
import { maskEmail } from './masks.ts';
import type { Report } from './rules.ts';

const local = alphanumeric | dashLine | dot | percent | tilde;

/** RFC 5321 §4.5.3.1, without quoted local parts. @param at where `@` stands */
export function findEmail(text: string, at: number, report: Report): void {
  // `+` tags a mailbox.
  let from = at;
  while (from > at - 65 && ((classAt(text, from - 1) & local) !== 0 || text[from - 1] === '+')) from--;
  while (from < at && (classAt(text, from) & alphanumeric) === 0) from++;
  if (at - from < 1 || at - from > 64) return;
  let to = runEnd(text, at + 1, alphanumeric | dot | 16, at + 254);
  while (to > at && (classAt(text, to - 1) & alphanumeric) === 0) to--;
  const domain = text.slice(at + 1, to);
  if (!/^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}$/.test(domain) || domain.includes('..')) return;
  const address = text.slice(from, to);
  // `git@github.com:owner/name` names a repository.
  if (address.startsWith('git@')) return;
  report(from, to, 'email', maskEmail(address));
}

const maxUserInfo = 512;

/** RFC 3986 §3.2.1: `scheme://user:password@host`. @param at where `://` stands */
export function findUrlPassword(text: string, at: number, report: Report): void {
  let [colon, sign] = [-1, -1];
  for (let place = at + 3; place < at + 3 + maxUserInfo; place++) {
    const code = text.charCodeAt(place);
    // Passwords are written with `/`, `?` and `#` unescaped, too, but then no host follows that could be told from a path.
    if (Number.isNaN(code) || code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 47)
      break;
    if (code === 58 && colon < 0) colon = place;
    if (code === 64) sign = place;
  }
  if (colon < 0 || sign < colon + 2 || (classAt(text, sign + 1) & alphanumeric) === 0) {
    if (text[sign + 1] !== '[' || colon < 0 || sign < colon + 2) return;
  }
  const value = text.slice(colon + 1, sign);
  if (/^(?:\*+|\$\{?\w+\}?|<\w+>|\{+\w+\}+|%\w+%|pass(?:word|wd)?|pwd)$/i.test(value)) return;
  report(colon + 1, sign, 'url-password', '****');
}

const mrzLine = 44;
const mrz = /^[A-Z0-9<]{44}$/;

/** ICAO Doc 9303-4 §4.2: two lines of 44. @param at where `P<` stands */
export function findTravelDocument(text: string, at: number, report: Report): number {
  const first = text.slice(at, at + mrzLine);
  if (!mrz.test(first)) return at;
  let next = at + mrzLine;
  while (next < at + mrzLine + 4 && text.charCodeAt(next) <= 32) next++;
  const second = text.slice(next, next + mrzLine);
  if (!mrz.test(second) || !fitsTravelDocument(second.slice(0, 9), second[9]!)) return at;
  report(at, next + mrzLine, 'passport', `${first.slice(0, 5)}****`);
  return next + mrzLine;
}

/** core.telegram.org/bots/features: a number, a colon and 35 characters. @param at where `:AA` stands */
export function findBotToken(text: string, at: number, report: Report): void {
  const from = runStart(text, at, 1, 11);
  const to = runEnd(text, at + 1, alphanumeric | dashLine, at + 64);
  if (at - from < 8 || at - from > 10 || to - at < 35 || to - at > 37) return;
  report(from, to, 'telegram-bot-token', '****');
}

/** RFC 7519 §3.1, RFC 7516 §3.1; also of MCP and OAuth. @param at where `eyJ` stands @returns the end, or the place itself */
export function findJwt(text: string, at: number, report: Report): number {
  if ((classAt(text, at - 1) & (alphanumeric | dashLine | dot)) !== 0) return at;
  const part = alphanumeric | dashLine;
  let to = runEnd(text, at, part);
  if (to - at < 12) return at;
  let parts = 1;
  for (; parts < 5 && text[to] === '.'; parts++) to = runEnd(text, to + 1, part);
  if (parts < 3) return at;
  const header = Buffer.from(text.slice(at, Math.min(text.indexOf('.', at), at + 1024)), 'base64url').toString(
    'latin1',
  );
  if (!/"(?:alg|typ|enc)"/.test(header)) return at;
  report(at, to, 'jwt', 'eyJ****');
  return to;
}
