// Reads the policies of the configuration: files in Graph's JSON, or the same written in genkan.yaml.
import { z } from 'zod';
import { GenkanError } from '../../base/errors.ts';
import { policySchema } from './policy.ts';
import type { SourcedPolicy } from './policy.ts';
import type { ConditionalAccessSettings } from './settings.ts';

const maxFileLength = 1_000_000;

/**
 * @param readFile reads a policy file that the configuration names
 * @throws GenkanError `conditional_access_invalid`
 */
export function readPolicies(
  written: ConditionalAccessSettings['policies'],
  readFile: (file: string) => string,
): SourcedPolicy[] {
  const policies = written.flatMap((entry) =>
    typeof entry === 'string' ? readPolicyFile(entry, readFile) : [{ policy: entry, source: 'genkan.yaml' }],
  );
  // Entra ID allows several policies of one name, and tells them apart by their ids.
  const named = Map.groupBy(policies, ({ policy }) => policy.displayName);
  for (const [name, same] of named) {
    const ids = new Set(same.map(({ policy }) => policy.id?.toLowerCase()));
    if (same.length > 1 && (ids.size < same.length || ids.has(undefined)))
      throw invalid(name, `a second policy has this name (${same.at(-1)!.source})`);
  }
  return policies.map((each) => {
    const { displayName, id } = each.policy;
    return { ...each, name: named.get(displayName)!.length > 1 ? `${displayName} (${id})` : displayName };
  });
}

/** One policy a file, or what Graph answers to a list of them. */
function readPolicyFile(file: string, readFile: (file: string) => string): Omit<SourcedPolicy, 'name'>[] {
  let data: unknown;
  try {
    const text = readFile(file).replace(/^\uFEFF/, '');
    if (text.length > maxFileLength) throw new Error('it is too long');
    data = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, cause instanceof SyntaxError ? 'it is not JSON' : `it cannot be read`, cause);
  }
  const listed = typeof data === 'object' && data !== null && 'value' in data ? data.value : data;
  return [listed].flat().map((one, index) => {
    const parsed = policySchema.safeParse(one);
    if (parsed.success) return { policy: parsed.data, source: file };
    const [issue] = parsed.error.issues;
    const where = [...(Array.isArray(listed) ? [index] : []), ...issue!.path].join('.');
    throw invalid(
      file,
      `${where === '' ? '' : `${where}: `}${z.prettifyError(parsed.error).split('\n')[0]!.replace(/^✖ /, '')}`,
    );
  });
}

const invalid = (policy: string, reason: string, cause?: unknown): GenkanError =>
  new GenkanError('conditional_access_invalid', { policy, reason }, { cause });
