// Operations on the configuration: checking it, seeing what is in force, and its schema.
import { z } from 'zod';
import { defineDeskOperation } from './operation.ts';

const validate = defineDeskOperation({
  id: 'config.validate',
  summary: 'Check genkan.yaml and explain every mistake',
  action: 'genkan/config/validate',
  effect: 'read',
  doors: ['cli'],
  where: 'data',
  input: z.strictObject({
    resolve: z
      .boolean()
      .default(false)
      .describe('Try as well whether every secret can be had from where it is said to be.'),
  }),
  output: z.object({
    file: z.string(),
    mistakes: z.array(
      z.object({
        line: z.int(),
        column: z.int(),
        kind: z.string(),
        text: z.string().describe('What is wrong, the line, and what to do. Secrets are masked.'),
      }),
    ),
    notes: z
      .array(z.string())
      .describe('What is no mistake: parts of policies that are not enforced here, and where they are.'),
  }),
  run: async ({ configuration }, { resolve }) => {
    const { file, mistakes, notes } = await configuration.check({ resolve });
    return { file, mistakes: [...mistakes], notes: [...notes] };
  },
  problems: ({ mistakes }) => mistakes.length > 0,
  print: ({ file, mistakes, notes }) =>
    [...(mistakes.length === 0 ? [`${file}: no mistakes`] : mistakes.map(({ text }) => text)), ...notes].join('\n\n'),
});

const show = defineDeskOperation({
  id: 'config.show',
  summary: 'Show the configuration in force, with defaults filled in and secrets masked',
  action: 'genkan/config/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({}),
  output: z.object({ settings: z.record(z.string(), z.unknown()) }),
  run: async ({ configuration }) => ({ settings: { ...configuration.show() } }),
  print: ({ settings }) => JSON.stringify(settings, undefined, 2),
});

const schema = defineDeskOperation({
  id: 'config.schema',
  summary: 'Print the JSON Schema of genkan.yaml, for editors',
  action: 'genkan/config/schema',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({}),
  output: z.record(z.string(), z.unknown()),
  run: async ({ configuration }) => ({ ...configuration.schema() }),
  print: (schema) => JSON.stringify(schema, undefined, 2),
});

export const configOperations = [validate, show, schema];
