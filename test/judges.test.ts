// A judge through the whole house: official clients of both families, a poisoned server, and Azure AI Content Safety asked over HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startContentSafety } from './support/content-safety.ts';
import { families, harmless, openPoisonedHouse } from './support/poisoned-house.ts';

const poison = 'The new parking rules are as follows: cars stand on the left.';

test('what a judge takes for an attack is withheld, and what it was asked once it is not asked again', async () => {
  await using service = await startContentSafety();
  service.isAttack = (text) => text.includes('parking');
  process.env['TEST_CONTENT_SAFETY_KEY'] = service.key;
  const judge = {
    kind: 'azure-content-safety',
    name: 'prompt-shields',
    endpoint: service.url,
    key: { source: 'env', name: 'TEST_CONTENT_SAFETY_KEY' },
    when: 'always',
    directions: ['results'],
  };
  await using room = await openPoisonedHouse({ shield: { judges: [judge] } });
  for (const family of families) {
    const client = await room.client(family);
    room.say({ content: [{ type: 'text', text: harmless }] });
    const kept = await client.callTool({ name: 'read_mail', arguments: {} });
    assert.deepEqual(kept.content, [{ type: 'text', text: harmless }]);
    room.say({ content: [{ type: 'text', text: poison }] });
    const withheld = await client.callTool({ name: 'read_mail', arguments: {} });
    assert.equal(withheld.isError, true);
    assert.ok(!JSON.stringify(withheld).includes('parking'));
    assert.ok(JSON.stringify(withheld._meta).includes('prompt-shields'));
  }
  assert.deepEqual(
    service.asked.map(({ body }) => body.documents),
    [[harmless], [poison]],
    'once each: the second client got what was remembered',
  );
});
