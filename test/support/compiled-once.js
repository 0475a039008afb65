// Preloaded into every test process, in JavaScript, so that nothing comes before it: what one process has stripped of its types and
// compiled, the hundreds of others of a run take from there.
import { enableCompileCache } from 'node:module';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../../node_modules/.cache/compiled');
process.env['NODE_COMPILE_CACHE'] ??= folder;
enableCompileCache(folder);
