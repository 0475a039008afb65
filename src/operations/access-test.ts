// The operation that tests a policy by files of expectations: for reviews of a change, and for whatever runs before a merge.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { defineDeskOperation } from './operation.ts';
import { table } from './table.ts';

const test = defineDeskOperation({
  id: 'access.test',
  summary: 'Test the policy by files that say who may call what, and who may not',
  about:
    'Needs no server: it reads genkan.yaml, or the policy that a file brings along, and never the assignments that were made ' +
    'while running. Ends with exit code 4 when something is decided otherwise than expected.',
  action: 'genkan/access/test',
  effect: 'read',
  doors: ['cli'],
  where: 'data',
  input: z.strictObject({
    files: z.array(z.string().min(1)).min(1).max(1000).describe('Files of expectations, in YAML.'),
    failed: z.boolean().default(false).describe('Show only what is decided otherwise than expected.'),
  }),
  positional: ['files'],
  output: z.object({
    passed: z.int(),
    failed: z.int(),
    results: z.array(
      z.object({
        file: z.string(),
        call: z.string(),
        principal: z.string(),
        expected: z.string(),
        found: z.string().describe('`allow`, `approval`, or the code of the refusal.'),
        ok: z.boolean(),
        why: z.string().describe('The roles that allow it, or what is missing.'),
      }),
    ),
  }),
  async run({ policyTests }, { files, failed }) {
    if (policyTests === undefined) return refuse('operation_unknown', { operation: 'access test' });
    const results = await policyTests.run(files);
    const wrong = results.filter(({ ok }) => !ok);
    return {
      passed: results.length - wrong.length,
      failed: wrong.length,
      results: [...(failed ? wrong : results)],
    };
  },
  problems: ({ failed }) => failed > 0,
  print: ({ passed, failed, results }) =>
    [
      ...(results.length === 0
        ? []
        : [
            table(results, {
              '': ({ ok }) => (ok ? 'ok' : 'WRONG'),
              who: ({ principal }) => principal,
              call: ({ call }) => call,
              expected: ({ expected }) => expected,
              found: ({ ok, found }) => (ok ? '' : found),
              why: ({ ok, why }) => (ok ? '' : why),
            }),
          ]),
      `${passed + failed} expectations: ${passed} met, ${failed} not.`,
    ].join('\n'),
});

export const accessTestOperations = [test];
