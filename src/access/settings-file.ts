// Files of settings in the shapes of others, such as Azure's: read within bounds, mistakes said in one line.
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';

const longestFile = 100_000;

/**
 * @param code what a file that will not do is refused with; its params are `file` and `reason`
 * @throws GenkanError with that code
 */
export function readSettingsFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  code: ErrorCode,
  readFile: (file: string) => string,
): z.output<Schema> {
  const invalid = (reason: string, cause?: unknown): GenkanError => new GenkanError(code, { file, reason }, { cause });
  let text: string;
  try {
    text = readFile(file).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw invalid('it cannot be read', cause);
  }
  if (text.length > longestFile) throw invalid('it is too long');
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  const parsed = schema.safeParse(written);
  if (parsed.success) return parsed.data;
  const lines = z.prettifyError(parsed.error).split('\n');
  throw invalid(lines.map((line) => line.trim().replace(/^✖ /, '')).join(' '));
}
