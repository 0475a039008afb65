// What may be secret is masked wherever people get to see values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskSecrets } from './mask.ts';

test('masks text under keys that sound secret, however deep', () => {
  const shown = maskSecrets({
    a: [{ clientSecret: 'hunter2', name: 'n' }],
    API_KEY: 'hunter2',
    accessTokenSeconds: 600,
  });
  assert.deepEqual(shown, {
    a: [{ clientSecret: '********', name: 'n' }],
    API_KEY: '********',
    accessTokenSeconds: 600,
  });
});

test('masks arguments of options that sound secret, in lists and in one line', () => {
  assert.deepEqual(maskSecrets({ command: ['x', '--api-key', 'hunter2', '--token=hunter2', '--port', '1'] }), {
    command: ['x', '--api-key', '********', '--token=********', '--port', '1'],
  });
  assert.equal(
    maskSecrets('x --password "hunter2 hunter2" --verbose --token hunter2 API_KEY=hunter2 -p 1'),
    'x --password ******** --verbose --token ******** API_KEY=******** -p 1',
  );
});

test('masks passwords in addresses', () => {
  assert.equal(maskSecrets('https://user:hunter2@example.com/mcp'), 'https://********@example.com/mcp');
});

test('leaves alone what the caller knows to be harmless', () => {
  const reference = { source: 'env', token: 'NAME' };
  assert.deepEqual(
    maskSecrets({ clientSecret: reference }, (value) => 'source' in value),
    { clientSecret: reference },
  );
});
