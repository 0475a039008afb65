// An auditor searches the record of a running house, and the search is on record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestHouse } from './support/house.ts';

test('who may, asks the record over REST; who asked for what is found by the next question', async () => {
  await using house = await openTestHouse({
    access: {
      assignments: [{ principal: { group: 'security-team-group-id' }, role: 'Genkan Auditor', scope: '/' }],
    },
  });
  const ask = async (
    person: 'dana' | 'sena',
    query: string,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const authorization = `Bearer ${await house.apiToken(person)}`;
    const answer = await fetch(`${house.url}/api/audit/query`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const secret = 'MCPAuditLog | where userAgent has "needle" | count';
  assert.deepEqual((await ask('sena', secret)).body['rows'], [[0]]);
  assert.equal((await ask('dana', secret)).status, 403);
  const wrong = await ask('sena', 'MCPAuditLog | where usr == 1');
  assert.equal(wrong.status, 400);
  assert.match(String(wrong.body['title']), /Line 1, column 21: [^]*\n {2}MCPAuditLog \| where usr == 1\n {22}\^\^\^/);
  const { status, body } = await ask(
    'sena',
    'MCPAuditLog | where action == "audit.query" | sort by index asc | project userName, result, query = tostring(details.input.query)',
  );
  assert.equal(status, 200);
  assert.deepEqual(body['rows'], [
    ['sena@example.com', 'allowed', secret],
    ['dana@example.com', 'denied', secret],
    ['sena@example.com', 'denied', 'MCPAuditLog | where usr == 1'],
  ]);
});
