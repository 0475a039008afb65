// Preloaded into every test process, in JavaScript, so that nothing comes before it: what one process has stripped of its types and
// compiled, the hundreds of others of a run take from there, and none of them looks for a file where it knows that it is.
import { enableCompileCache, registerHooks } from 'node:module';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../../node_modules/.cache/compiled');
process.env['NODE_COMPILE_CACHE'] ??= folder;
enableCompileCache(folder);

// Node processes that a test starts find code as fast.
const importThis = `--import=${import.meta.url}`;
const options = process.env['NODE_OPTIONS'] ?? '';
if (!options.includes(importThis)) process.env['NODE_OPTIONS'] = `${importThis} ${options}`.trim();

/** By folder and ending: what Node said that a module is. It asks the disk for each file again. */
const formats = new Map();
/** By folder of who imports, and name. */
const packages = new Map();

const folderOf = (url) => url.slice(0, url.lastIndexOf('/') + 1);
const kindOf = (url) => folderOf(url) + path.posix.extname(url);

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL, conditions, importAttributes } = context;
    // What is required, or is no code, Node resolves by rules of their own.
    if (
      !parentURL?.startsWith('file:') ||
      !conditions.includes('import') ||
      Object.keys(importAttributes ?? {}).length > 0
    )
      return next(specifier, context);
    if (/^\.\.?\//.test(specifier)) {
      const url = new URL(specifier, parentURL).href;
      const format = formats.get(kindOf(url));
      if (format !== undefined) return { url, format, shortCircuit: true };
      const found = next(specifier, context);
      if (found.url === url && /^module(-typescript)?$/.test(found.format)) formats.set(kindOf(url), found.format);
      return found;
    }
    const key = `${folderOf(parentURL)} ${specifier}`;
    const known = packages.get(key);
    if (known !== undefined) return known;
    const found = next(specifier, context);
    packages.set(key, { ...found, shortCircuit: true });
    return found;
  },
});
