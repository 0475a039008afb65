// Loaded before Genkan, it takes the writing of audit records away, so that what recording costs is the difference. For measuring alone.
import { registerHooks } from 'node:module';

const deaf = (url: string): string => `
import { createRecord as create } from '${url}?as-it-is';
let size = 0;
const told = () => Promise.resolve(size++);
export const createRecord = async (...given) => ({ ...(await create(...given)), append: told, insist: told, note: told });
`;

registerHooks({
  load: (url, context, next) =>
    url.endsWith('/src/record/record.ts')
      ? { format: 'module', source: deaf(url), shortCircuit: true }
      : next(url, context),
});
