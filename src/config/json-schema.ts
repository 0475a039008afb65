// The JSON Schema of genkan.yaml, for editors and for the reference: made from the same definitions that check it.
import { z } from 'zod';
import { genkanSettings } from './settings.ts';

/** JSON Schema 2020-12 of what may be written (defaults are optional). */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(genkanSettings, { io: 'input', target: 'draft-2020-12' });
  return { ...schema, title: 'genkan.yaml' };
}
