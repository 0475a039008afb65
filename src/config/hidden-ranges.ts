// Which parts of a configuration file no message may show, because a secret stands there or may do so.
import type { z } from 'zod';
import { soundsSecret } from '../base/mask.ts';
import type { Finding } from './explain-issues.ts';
import { mayBeSecretAt } from './schema-walk.ts';
import type { Path, Range, Source } from './source.ts';

// A line of a file whose structure cannot be trusted: what follows a telling key, or all of it where there is no key.
const telling = /^[^:]*(?:secret|passw|pwd|token|credential|authorization|cookie|key|connection)[^:]*:\s*(?=\S)/i;
const keyed = /^[\s-]*["']?[\w.-]+["']?\s*:(?=\s|$)/;

/**
 * The ranges to mask: values where the schema takes a secret, values under keys that sound secret, values of unknown keys
 * unless the key is a slip of a harmless one, and, when the file is not YAML, whatever cannot be told apart.
 */
export function hiddenRanges(source: Source, schema: z.core.$ZodType, findings: readonly Finding[]): Range[] {
  const unknown = findings.filter(({ kind }) => kind === 'unknownKey');
  const isHidden = (path: Path): boolean =>
    path.some(soundsSecret) ||
    mayBeSecretAt(schema, path) ||
    unknown.some(({ path: start, suggestion }) => {
      if (!start.every((key, index) => key === path[index])) return false;
      const meant = suggestion === undefined ? undefined : [...start.slice(0, -1), suggestion];
      return meant === undefined || soundsSecret(suggestion!) || mayBeSecretAt(schema, meant);
    });
  const values = source.leaves
    .filter(({ path }) => path.at(-1) !== 'source' && isHidden(path))
    .map(({ range }) => range);
  return source.complaints.some(({ fatal }) => fatal) ? [...values, ...untrustedRanges(source.text)] : values;
}

function untrustedRanges(text: string): Range[] {
  return [...text.matchAll(/.+/g)].flatMap(({ 0: line, index }): Range[] => {
    const end = index + line.length;
    const named = telling.exec(line);
    if (named !== null) return [[index + named[0].length, end]];
    return keyed.test(line) ? [] : [[index + line.search(/\S|$/), end]];
  });
}
