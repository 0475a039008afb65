// Tests of the log: secrets stay out of it, names of errors do not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** What a process of its own logs, as the log writes to standard error by itself. */
function logged(...objects: object[]): Record<string, unknown>[] {
  const script = `import { createLog } from './log.ts';
const log = createLog('info');
for (const each of ${JSON.stringify(objects)}) log.info(each, 'said');`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a code is written down where it names an error, and nowhere else', () => {
  const codes = [
    'identity_credential_refused',
    'ECONNREFUSED',
    'CERT_HAS_EXPIRED',
    '1.AXkA-kTz9',
    'toString',
    'ABC123DEF456',
  ];
  const kept = logged(
    ...codes.map((code) => ({ code })),
    { err: { code: 'ECONNREFUSED' } },
    { query: { code: 'xYz' } },
  );
  assert.deepEqual(
    kept.map(({ code, err, query }) => code ?? err ?? query),
    [
      ...codes.slice(0, 3),
      ...['[redacted]', '[redacted]', '[redacted]'],
      { code: 'ECONNREFUSED' },
      { code: '[redacted]' },
    ],
  );
});

test('secrets stay out, also one level down and in headers', () => {
  const [flat, deep] = logged(
    { token: 'SECRET', password: 'SECRET', cookie: 'SECRET' },
    { form: { client_secret: 'SECRET', refresh_token: 'SECRET' }, headers: { authorization: 'SECRET' } },
  );
  assert.ok(!JSON.stringify([flat, deep]).includes('SECRET'));
  assert.equal(flat!['token'], '[redacted]');
});
