// Preloaded into a process that is to be killed at a certain moment: HANG_AT lists what has to come by, one after another; at the last it stops for good.
// `fetch:PATTERN` stops before a request, `answer:PATTERN` after it had its effect, `rename` and `renamed` before and after a file is exchanged.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const moments = (process.env['HANG_AT'] ?? '').split(',');

async function passed(what: string, url = ''): Promise<void> {
  const [moment, pattern = ''] = (moments[0] ?? '').split(':');
  if (moment !== what || !url.includes(pattern)) return;
  moments.shift();
  if (moments.length > 0) return;
  process.stderr.write('HANGING\n');
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}

const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  await passed('fetch', url);
  const response = await send(input, init);
  await passed('answer', url);
  return response;
};

const { rename } = fs.promises;
fs.promises.rename = async (from, to) => {
  await passed('rename');
  await rename(from, to);
  await passed('renamed');
};
syncBuiltinESMExports();
