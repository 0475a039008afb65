// Secrets that say by their first characters what they are.
import {
  alphanumeric,
  base64,
  base64url,
  classAt,
  digit,
  dot,
  hexLetter,
  lower,
  runEnd,
  token68,
  upper,
  variety,
} from './characters.ts';
import type { Report, Rule } from './rules.ts';

interface Prefix {
  readonly literal: string;
  readonly rule: Rule;
  /** Characters that may follow. */
  readonly tail: number;
  /** How many have to. */
  readonly least: number;
  /** What comes before may be anything: the literal is like nothing else. */
  readonly anywhere?: boolean;
  /** Has to stand in the tail. */
  readonly holding?: string;
  /** Digits have to be among them, where the literal is also a word. */
  readonly mixed?: boolean;
  /** The literal is no part of the secret. */
  readonly leads?: boolean;
}

const word = alphanumeric | dashLineOnly();
function dashLineOnly(): number {
  return base64url & ~alphanumeric;
}

const own = (rule: Rule, tail: number, least: number, ...literals: string[]): Prefix[] =>
  literals.map((literal) => ({ literal, rule, tail, least, anywhere: true }));

const prefixes: readonly Prefix[] = [
  // docs.github.com, "About authentication to GitHub": token prefixes. A checksum that fits would prove a token, one that
  // does not would prove nothing, so it is not computed.
  ...own('github-token', alphanumeric, 36, 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'),
  ...own('github-token', word, 40, 'github_pat_'),
  // docs.gitlab.com, "Token overview": token prefixes.
  ...own('gitlab-token', base64url | dot, 20, 'glpat-', 'gldt-', 'glrt-', 'glptt-', 'glagent-', 'glsoat-', 'glffct-'),
  ...own('gitlab-token', base64url, 16, 'glcbt-', 'glimt-', 'GR1348941'),
  // api.slack.com, "Token types".
  ...own(
    'slack-token',
    base64url,
    20,
    'xoxb-',
    'xoxp-',
    'xoxa-',
    'xoxr-',
    'xoxs-',
    'xoxe-',
    'xoxe.xox',
    'xoxc-',
    'xoxd-',
  ),
  ...own('slack-token', base64url, 20, 'xapp-'),
  // docs.stripe.com, "API keys".
  ...own('stripe-key', alphanumeric, 16, 'sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'),
  { literal: 'whsec_', rule: 'stripe-key', tail: base64, least: 24 },
  // docs.npmjs.com, "About access tokens".
  ...own('npm-token', alphanumeric, 36, 'npm_'),
  // A macaroon of PyPI begins like that in base64, as its help says.
  ...own('pypi-token', base64url, 32, 'pypi-AgE', 'pypi-AgENdGVzdC'),
  // platform.openai.com; the middle of a key of before spells "OpenAI" in base64.
  ...own('openai-key', base64url, 20, 'sk-proj-', 'sk-svcacct-', 'sk-admin-'),
  { literal: 'sk-', rule: 'openai-key', tail: alphanumeric, least: 40, mixed: true },
  ...own('anthropic-key', base64url, 32, 'sk-ant-'),
  // huggingface.co/docs/hub/security-tokens
  { literal: 'hf_', rule: 'hugging-face-token', tail: alphanumeric, least: 30 },
  { literal: 'SG.', rule: 'sendgrid-key', tail: base64url | dot, least: 60, mixed: true },
  { literal: 'SK', rule: 'twilio-key', tail: digit | hexLetter, least: 32, mixed: true },
  // docs.aws.amazon.com, IAM "Unique identifiers": AKIA lasts, ASIA is of a session.
  { literal: 'AKIA', rule: 'aws-access-key', tail: digit | upper, least: 16 },
  { literal: 'ASIA', rule: 'aws-access-key', tail: digit | upper, least: 16, mixed: true },
  { literal: 'ABSKQmVkcm9ja0FQSUtleS', rule: 'aws-secret-key', tail: base64, least: 40 },
  // cloud.google.com/docs/authentication/api-keys; OAuth client secrets and access tokens.
  ...own('google-key', base64url, 35, 'AIza'),
  ...own('google-key', base64url, 24, 'GOCSPX-'),
  { literal: 'ya29.', rule: 'google-key', tail: base64url | dot, least: 20 },
  { literal: 'dapi', rule: 'azure-databricks-token', tail: digit | hexLetter, least: 32, mixed: true },
  // github.com/C2SP/C2SP/age.md
  ...own('private-key', digit | upper, 58, 'AGE-SECRET-KEY-1', 'AGE-PLUGIN-'),
  ...['hooks.slack.com/services/', 'hooks.slack.com/workflows/', 'webhook.office.com/webhookb2/'].flatMap((literal) =>
    own('webhook', base64 | dot, 20, literal).map((prefix) => ({ ...prefix, leads: true })),
  ),
  ...own('webhook', base64, 40, 'discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'),
  // RFC 6750 §2.1, RFC 7617 §2
  ...['Bearer ', 'bearer ', 'BEARER '].map((literal): Prefix => ({
    literal,
    rule: 'bearer-token',
    tail: token68,
    least: 20,
    mixed: true,
    leads: true,
  })),
  ...['Basic ', 'basic '].map((literal): Prefix => ({
    literal,
    rule: 'basic-credentials',
    tail: base64 | 64,
    least: 8,
    leads: true,
  })),
];

/** No secret with a prefix is longer; what is left of a run that is, is judged by the other rules. */
const maxTail = 4096;
const glimpse = 40;

const pairs = new Uint8Array(128 * 128);
const byPair: (readonly Prefix[])[] = [[]];
for (const prefix of prefixes) {
  const pair = (prefix.literal.charCodeAt(0) << 7) | prefix.literal.charCodeAt(1);
  if (pairs[pair] === 0) pairs[pair] = byPair.push([]) - 1;
  byPair[pairs[pair]!] = [...byPair[pairs[pair]!]!, prefix];
}

/** For two characters of ASCII, as `first << 7 | second`: 0 where no secret begins with them. */
export const pairOf = (pair: number): number => pairs[pair]!;

/**
 * Reports the secret that begins at a place.
 * @returns where it ends, or the place itself
 */
export function findPrefixed(text: string, at: number, pair: number, report: Report): number {
  for (const prefix of byPair[pair]!) {
    const { literal, rule, tail, least } = prefix;
    if (!text.startsWith(literal, at)) continue;
    if (prefix.anywhere !== true && (classAt(text, at - 1) & (alphanumeric | 16)) !== 0) continue;
    const from = at + literal.length;
    // What is enough to tell is looked at first: many beginnings of nothing cost no more than that.
    const enough = from + Math.max(least, glimpse);
    const seen = runEnd(text, from, tail, enough);
    if (seen - from < least || variety(text, from, seen) < Math.min(8, least / 2)) continue;
    if (prefix.mixed === true && !isMixed(text, from, seen)) continue;
    const to = seen < enough ? seen : runEnd(text, seen, tail, from + maxTail);
    if (rule === 'basic-credentials' && !hasColonInside(text.slice(from, to))) continue;
    const begin = prefix.leads === true ? from : at;
    report(begin, to, rule, prefix.leads === true ? '****' : `${literal}****`);
    return to;
  }
  return at;
}

/** Words have no digits among their letters, and no capitals. */
function isMixed(text: string, from: number, to: number): boolean {
  let [digits, small, capital] = [0, 0, 0];
  for (let at = from; at < to; at++) {
    const flags = classAt(text, at);
    if ((flags & digit) !== 0) digits++;
    else if ((flags & upper) !== 0) capital++;
    else if ((flags & lower) !== 0) small++;
  }
  return (digits >= 2 && small + capital >= 2) || (small >= 4 && capital >= 4);
}

const hasColonInside = (encoded: string): boolean => {
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  return decoded.includes(':') && /^[\x20-\xff]+$/.test(decoded);
};
