// Cuts SQL and KQL into tokens as the declared dialect does; where two servers would cut differently, it does not cut at all.
import type { RuleName } from './rule.ts';

export const dialects = ['standard', 'postgres', 'mysql', 'tsql', 'sqlite', 'kql'] as const;
export type Dialect = (typeof dialects)[number];

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'sign';
  /** Of words and quoted names in small letters and without quotes; of strings nothing. */
  readonly text: string;
}

/** What begins and ends with the same sign, which is doubled within. */
const quotes: Readonly<Record<Exclude<Dialect, 'kql'>, Readonly<Record<string, 'quoted' | 'string'>>>> = {
  standard: { "'": 'string', '"': 'quoted' },
  postgres: { "'": 'string', '"': 'quoted' },
  mysql: { "'": 'string', '"': 'string', '`': 'quoted' },
  tsql: { "'": 'string', '"': 'quoted' },
  sqlite: { "'": 'string', '"': 'quoted', '`': 'quoted' },
};

const blank = /[ \t\r\n]+/y;
const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const variable = /@{1,2}[\p{L}_][\p{L}\p{N}_$]*/uy;
const number = /0x[0-9a-f]+|[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?/iy;
const span = /[0-9]+(?:\.[0-9]+)?(?:[a-z]+|e[+-]?[0-9]+)?/iy; // of KQL: 1d, 500ms, 1e3
const sign = /[()[\],.*+\-/%=<>!|&^~?:$;#@{}]/y;
const standardSign = /[(),.*+\-/%=<>!|?:;]/y;
const dollar = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** @returns the tokens, without comments, or which rule is broken */
export function tokensOf(text: string, dialect: Dialect): readonly Token[] | RuleName {
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text)) return 'control';
  const tokens: Token[] = [];
  let at = 0;
  /** What stands here, if it is of that form. */
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    const taken = form.exec(text)?.[0];
    if (taken !== undefined) at += taken.length;
    return taken;
  };
  while (at < text.length) {
    if (take(blank) !== undefined) continue;
    const comment = dialect === 'kql' ? '//' : '--';
    if (text.startsWith(comment, at) || (dialect === 'mysql' && text[at] === '#')) {
      const end = text.indexOf('\n', at);
      const line = text.slice(at, end < 0 ? text.length : end);
      // MySQL wants a blank after the dashes; some end a line at a carriage return or at U+2028, others do not.
      if (/[\r\u0085\u2028\u2029]./su.test(line) || (dialect === 'mysql' && /^--[^ \t\r\n]/.test(line)))
        return 'sql-ambiguous';
      at += line.length;
      continue;
    }
    if (dialect !== 'kql' && text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return 'sql-form';
      const within = text.slice(at + 2, end);
      // MySQL carries out what stands in /*! */ and /*M! */, hints set variables, and only some nest comments.
      if (/^(?:!|M!|\+)/i.test(within) || within.includes('/*')) return 'sql-ambiguous';
      at = end + 2;
      continue;
    }
    const quoted = dialect === 'kql' ? kqlString(text, at) : sqlQuoted(text, at, dialect, tokens.at(-1));
    if (typeof quoted === 'string') return quoted;
    if (quoted !== undefined) {
      tokens.push(quoted.token);
      at = quoted.end;
      continue;
    }
    if (dialect === 'postgres') {
      const from = at;
      const tag = take(dollar);
      if (tag !== undefined) {
        const end = text.indexOf(tag, from + tag.length);
        if (end < 0) return 'sql-form';
        tokens.push({ kind: 'string', text: '' });
        at = end + tag.length;
        continue;
      }
    }
    const named = take(word) ?? (dialect === 'tsql' || dialect === 'mysql' ? take(variable) : undefined);
    if (named !== undefined) {
      tokens.push({ kind: named.startsWith('@') ? 'quoted' : 'word', text: named.toLowerCase() });
      continue;
    }
    const counted = take(dialect === 'kql' ? span : number);
    // `SELECT 1DROP TABLE t` is a number and a statement to T-SQL.
    if (counted !== undefined && /^[\p{L}\p{N}_]/u.test(text.slice(at, at + 2))) return 'sql-ambiguous';
    const marked = counted ?? take(dialect === 'standard' ? standardSign : sign);
    if (marked === undefined) return 'sql-form';
    tokens.push({ kind: counted === undefined ? 'sign' : 'number', text: marked.toLowerCase() });
    if (tokens.length > maxTokens) return 'too-long';
  }
  return tokens;
}

type Quoted = { readonly token: Token; readonly end: number };

function sqlQuoted(
  text: string,
  at: number,
  dialect: Exclude<Dialect, 'kql'>,
  before: Token | undefined,
): Quoted | RuleName | undefined {
  const opening = text[at]!;
  const bracketed = opening === '[' && (dialect === 'tsql' || dialect === 'sqlite');
  const kind = bracketed ? 'quoted' : quotes[dialect][opening];
  if (kind === undefined) return undefined;
  const closing = bracketed ? ']' : opening;
  const adjacent = before?.kind === 'word' && /[\p{L}_]/u.test(text[at - 1] ?? '') ? before.text : '';
  // U&"..." writes names in escapes: what it says is not what stands there.
  if (/^u&$/i.test(text.slice(Math.max(0, at - 2), at))) return 'sql-ambiguous';
  const escapes = adjacent === 'e' && dialect === 'postgres';
  let content = '';
  for (let from = at + 1; ;) {
    const end = text.indexOf(closing, from);
    if (end < 0) return 'sql-form';
    const part = text.slice(from, end);
    if (part.endsWith('\\') && kind === 'string' && dialect !== 'tsql' && dialect !== 'sqlite') {
      // Whether a backslash hides the quote is a setting of the server, but for E'...' of PostgreSQL.
      if (!escapes) return 'sql-ambiguous';
      let slashes = 0;
      while (part.at(-1 - slashes) === '\\') slashes++;
      if (slashes % 2 === 1) {
        from = end + 1;
        continue;
      }
    }
    content += part;
    if (text[end + 1] !== closing)
      return { token: { kind, text: kind === 'quoted' ? content.toLowerCase() : '' }, end: end + 1 };
    if (bracketed && dialect === 'sqlite') return 'sql-ambiguous';
    content += closing;
    from = end + 2;
  }
}

/** KQL: "..." and '...' with backslashes, @"..." without, ``` and ~~~ over several lines; h before one hides it from logs. */
function kqlString(text: string, at: number): Quoted | RuleName | undefined {
  const done = (end: number): Quoted => ({ token: { kind: 'string', text: '' }, end });
  for (const fence of ['```', '~~~']) {
    if (!text.startsWith(fence, at)) continue;
    const end = text.indexOf(fence, at + 3);
    return end < 0 ? 'sql-form' : done(end + 3);
  }
  const verbatim = text[at] === '@';
  const start = verbatim ? at + 1 : at;
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return undefined;
  for (let end = start + 1; end < text.length; end++) {
    const unit = text[end];
    if (unit === '\n' && !verbatim) return 'sql-form';
    if (unit === '\\' && !verbatim) end++;
    else if (unit === quote) {
      if (!verbatim || text[end + 1] !== quote) return done(end + 1);
      end++;
    }
  }
  return 'sql-form';
}

const maxTokens = 50_000;
