// Tests of a policy without a server: files of expectations, run against genkan.yaml or the policy that they bring along.
import { readFileSync } from 'node:fs';
import { runExpectations } from '../access/analysis/expectations.ts';
import type { Expected, TestedPolicy } from '../access/analysis/expectations.ts';
import { GenkanError } from '../base/errors.ts';
import type { PolicyTestDesk } from './house.ts';

/** @param configured the policy of genkan.yaml; asked only for files that bring none */
export function openPolicyTests(configured: () => Promise<TestedPolicy>): PolicyTestDesk {
  return {
    async run(files) {
      const found: Expected[] = [];
      for (const file of files) found.push(...(await runExpectations(read(file), file, configured)));
      return found;
    },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new GenkanError('access_expectations_invalid', { file, reason: 'it cannot be read' }, { cause });
  }
}
