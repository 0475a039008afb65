// SQL and KQL: one statement that reads, one name, or what stands between quotes. Everything else is refused.
import { unseen } from './rule.ts';
import type { Check, RuleName } from './rule.ts';
import { tokensOf } from './sql-tokens.ts';
import type { Dialect, Token } from './sql-tokens.ts';

export interface SqlRules {
  readonly dialect: Dialect;
  readonly allows: 'read' | 'identifier' | 'literal';
  /** The only functions that may be called; all but known dangerous ones if absent. */
  readonly functions?: readonly string[] | undefined;
}

export function sqlCheck({ dialect, allows, functions }: SqlRules): Check {
  if (allows === 'identifier') return identifier;
  if (allows === 'literal') return literal;
  const callable = functions && new Set(functions.map((name) => name.toLowerCase()));
  return (value) => {
    if (value.length > maxLength) return 'too-long';
    const tokens = tokensOf(value, dialect);
    if (typeof tokens === 'string') return tokens;
    return (dialect === 'kql' ? readsKql(tokens) : reads(tokens, dialect)) ?? calls(tokens, callable);
  };
}

/** One statement of a kind that reads, without a word with which any dialect begins to write: T-SQL needs no semicolon between two. */
function reads(all: readonly Token[], dialect: Dialect): RuleName | undefined {
  let length = all.length;
  while (length > 0 && isSign(all[length - 1], ';')) length--;
  const tokens = all.slice(0, length);
  if (tokens.some((token) => isSign(token, ';'))) return 'sql-several';
  const begin = tokens.findIndex((token) => !isSign(token, '('));
  const first = tokens[begin];
  if (first?.kind !== 'word' || !statements[dialect as keyof typeof statements].includes(first.text))
    return 'sql-statement';
  const isQuery = first.text === 'select' || first.text === 'with';
  if (!isQuery && begin > 0) return 'sql-statement';
  if (first.text === 'with' && !tokens.some(isWord('select'))) return 'sql-statement';
  // EXPLAIN ANALYZE carries out what it explains; what is explained has to be a query itself.
  const explains = first.text === 'explain' || (dialect === 'mysql' && /^desc/.test(first.text));
  if (explains && tokens.some((token) => /^analy[sz]e$/.test(token.text))) return 'sql-word';
  if (first.text === 'explain' && !tokens.some((token) => isWord('select')(token) || isWord('with')(token)))
    return 'sql-statement';
  if (first.text === 'show') return undefined; // shows whatever words follow
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    const writes = writing.has(token.text) || (dialect === 'tsql' && beginning.has(token.text));
    if (token.kind === 'word' && writes && !isMember(tokens, at)) {
      // Also the names of functions: replace('a', 'b', 'c'), insert(…) of MySQL, if(…).
      if (dialect === 'tsql' || !(alsoFunctions.has(token.text) && isSign(next, '('))) return 'sql-word';
    }
    if (token.kind === 'word' && !isMember(tokens, at) && pairs[token.text]?.includes(wordOf(next))) return 'sql-word';
    if (dialect === 'tsql' && token.kind === 'word' && locks.has(token.text) && !isMember(tokens, at))
      return 'sql-word';
    if (isSign(token, ':') && isSign(next, '=')) return 'sql-word'; // an assignment
    if (isSign(token, '{') || isSign(token, '}')) return 'sql-form'; // ODBC: {call …}
  }
  return undefined;
}

/** Azure Data Explorer, Log Analytics, Sentinel: a query; commands of management begin with a dot. */
function readsKql(tokens: readonly Token[]): RuleName | undefined {
  let begins = true;
  for (const [at, token] of tokens.entries()) {
    if (begins && isSign(token, ';')) continue;
    if (begins && token.kind !== 'word' && !isSign(token, '(') && !isSign(token, '[')) return 'sql-statement';
    if (begins && ['set', 'alias', 'pattern', 'restrict'].includes(token.text)) return 'sql-statement';
    if (isSign(token, '|') && isSign(tokens[at + 1], '.')) return 'sql-statement';
    // A function by a quoted name: `['cluster']('…')`. Its name is a string, which may be written in many ways.
    if (isSign(token, ']') && isSign(tokens[at + 1], '(')) return 'sql-function';
    // `evaluate python(…)`, `evaluate http_request(…)`, `invoke name()` run what is not a query.
    if (token.kind === 'word' && kqlWords.has(token.text) && !isMember(tokens, at)) return 'sql-word';
    if (isWord('evaluate')(token) && !isMember(tokens, at) && !plugins.has(tokens[at + 1]?.text ?? ''))
      return 'sql-function';
    begins = isSign(token, ';');
  }
  return tokens.length === 0 ? 'sql-statement' : undefined;
}

/** No list of what functions do can be whole: where it matters, `functions` names those that may be called. */
function calls(tokens: readonly Token[], callable: ReadonlySet<string> | undefined): RuleName | undefined {
  for (const [at, { kind, text }] of tokens.entries()) {
    if ((kind !== 'word' && kind !== 'quoted') || !isSign(tokens[at + 1], '(')) continue;
    if (dangerous.test(text)) return 'sql-function';
    if (callable !== undefined && !callable.has(text) && !(kind === 'word' && beforeParentheses.has(text)))
      return 'sql-function';
  }
  return undefined;
}

const isSign = (token: Token | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;
const isWord =
  (text: string) =>
  (token: Token | undefined): boolean =>
    token?.kind === 'word' && token.text === text;
const wordOf = (token: Token | undefined): string => (token?.kind === 'word' ? token.text : '');
/** `t.update` is a column, whatever it is called. */
const isMember = (tokens: readonly Token[], at: number): boolean =>
  isSign(tokens[at - 1], '.') && ['word', 'quoted'].includes(tokens[at - 2]?.kind ?? '');

const listed = (words: string): readonly string[] => words.split(' ');
const statements = {
  standard: listed('select with'),
  postgres: listed('select with show explain'),
  mysql: listed('select with show explain describe desc'),
  tsql: listed('select with'),
  sqlite: listed('select with explain'),
} as const;

/** Words that stand in no query of any dialect, unless it writes, locks or leads to something that does. */
const writing = new Set(
  listed(
    'insert update delete merge replace upsert into drop create alter truncate grant revoke deny exec execute ' +
      'outfile dumpfile procedure openrowset openquery opendatasource',
  ),
);
/** With which statements of T-SQL begin besides. */
const beginning = new Set(
  listed(
    'add backup begin break bulk checkpoint close commit continue dbcc deallocate declare disable enable get go goto if kill move open ' +
      'print raiserror readtext receive reconfigure restore return revert rollback save send set setuser shutdown throw ' +
      'updatetext use waitfor while writetext',
  ),
);
/** Words that harm nothing alone, and lock, count on or end something before these: FOR SHARE, LOCK IN SHARE MODE, END CONVERSATION. */
const pairs: Readonly<Partial<Record<string, readonly string[]>>> = Object.assign(Object.create(null), {
  for: listed('share key'),
  in: ['share'],
  next: ['value'],
  end: ['conversation'],
  rename: listed('object database column'),
});
/** Hints of T-SQL that lock what others want to read. */
const locks = new Set(listed('xlock tablockx updlock'));
const alsoFunctions = new Set(['replace', 'insert', 'truncate']);

/** They wait, write, read files, reach other servers, end connections or change settings. */
const dangerous =
  /^(?:pg_(?:read|write|ls|stat_file|file|sleep|terminate|cancel|reload|rotate|promote|switch|create|drop|advisory|try_advisory|logical|replication|export|import|execute|notify|log)|lo_|dblink|set_config|setval|nextval|query_to_xml|cursor_to_xml|table_to_xml|schema_to_xml|database_to_xml|xpath_table|ts_stat|ts_rewrite|crosstab|connectby|run_command_on_|dm_os_file_|dm_os_enumerate_|txid_|load_file|load_extension|sleep|benchmark|get_lock|release_|is_free_lock|master_pos_wait|source_pos_wait|sys_e|xp_|sp_|fn_get_|fn_xe|fn_trace|openrowset|openquery|opendatasource|openxml|readfile|writefile|edit$|fts3_tokenizer|utl_|dbms_|copy_|externaldata|external_table|http_request|sql_request|mysql_request|postgresql_request|cosmosdb_sql_request|azure_digital_twins|python$|r$|cluster$|adx$|workspace$|app$|resource$|arg$)/;
const kqlWords = new Set(listed('invoke externaldata external_table'));
/** Plugins of `evaluate` that only compute. */
const plugins = new Set(
  listed(
    'active_users_count activity_counts_metrics activity_engagement activity_metrics autocluster bag_unpack basket dcount_intersect ' +
      'diffpatterns diffpatterns_text funnel_sequence funnel_sequence_completion ipv4_lookup ipv6_lookup narrow ' +
      'new_activity_metrics pivot preview rolling_percentile rows_near schema_merge sequence_detect session_count sliding_window_counts',
  ),
);
/** Words of the language that parentheses may follow. */
const beforeParentheses = new Set(
  listed(
    'select with as in and or not on where from join using over exists any all some values distinct by having when then else case between like ' +
      'union except intersect filter within group partition lateral cast interval recursive materialized project extend summarize let ' +
      'union kind datatable limit top offset fetch',
  ),
);

/** One name or several with dots between, that needs no quotes. */
const identifier: Check = (value) => {
  if (value.length > 1024) return 'too-long';
  const parts = value.split('.');
  if (parts.length > 4 || !parts.every((part) => name.test(part))) return 'sql-identifier';
  return parts.some((part) => writing.has(part.toLowerCase()) || reserved.has(part.toLowerCase()))
    ? 'sql-identifier'
    : undefined;
};
const name = /^[\p{L}_][\p{L}\p{N}_]{0,127}$/u;
const reserved = new Set(listed('select from where union all or and not null table join order group having limit'));

/** What may stand between single quotes. Code pages turn some of what resembles a quote into one. */
const literal: Check = (value) => {
  if (value.length > maxLength) return 'too-long';
  if (unseen.test(value)) return 'control';
  return /['"`\\;\u2018-\u201f\u2032\u02b9\u02bb\u02bc\u02c8\u0060\u00b4\uff07\uff02\uff40\uff3c\u00a5\u20a9]|--|\/\*|\*\//.test(
    value,
  )
    ? 'sql-literal'
    : undefined;
};

const maxLength = 65_536;
