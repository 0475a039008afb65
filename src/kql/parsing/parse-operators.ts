// parse, parse-where and parse-kv: columns out of a text.
import type { Expression, Parse, ParseKv } from '../syntax.ts';
import { readName, readType, startsName, type Cursor } from './cursor.ts';
import { readStrings } from './dynamic.ts';
import { readExpression, readLiteral } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { oneOf, readParameters } from './parameters.ts';
import { readSchema } from './queries.ts';

const modes = new Map((['simple', 'relaxed', 'regex'] as const).map((each) => [each, each]));

export function readParse(cursor: Cursor, kind: Parse['kind']): Omit<Parse, 'from' | 'to'> {
  const parameters = readParameters(cursor, kind, ['kind', 'flags']);
  const mode = oneOf<Parse['mode']>(parameters.get('kind'), 'kind of parse', modes, 'simple');
  const value = readExpression(cursor);
  cursor.expect('with', 'and a pattern');
  const pattern: Parse['pattern'][number][] = [];
  for (;;) {
    if (cursor.peek().kind === 'string') pattern.push({ text: readStrings(cursor) });
    else if (cursor.accept('*')) pattern.push({ star: true });
    else if (startsName(cursor)) {
      const name = readName(cursor, 'a column');
      pattern.push({ column: { name, type: cursor.accept(':') ? readType(cursor) : 'string' } });
    } else break;
  }
  if (pattern.length === 0) return cursor.fail("a text, '*' or the name of a column after 'with'");
  return { kind, mode, flags: parameters.get('flags')?.text ?? '', value, pattern };
}

export const readParseKv: OperatorReader<ParseKv> = (cursor) => {
  const value = readExpression(cursor);
  cursor.expect('as', "and the columns, as in 'parse-kv Text as (Name: string)'");
  const columns = readSchema(cursor);
  const options = new Map<string, Expression>();
  if (cursor.accept('with')) {
    cursor.expect('(', "after 'with'");
    do {
      const name = readName(cursor, 'an option of parse-kv', true);
      cursor.expect('=', `after '${name.text}'`);
      options.set(name.text, readLiteral(cursor, `a value of '${name.text}'`));
    } while (cursor.accept(','));
    cursor.expect(')', "to end 'with ('");
  }
  return { kind: 'parse-kv', value, columns, options };
};
