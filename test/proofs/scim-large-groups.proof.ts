// Groups of thousands, as a large company has them: what changes is told of, the rest is left alone, and nobody else waits.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { startScimHouse } from '../support/scim-house.ts';
import type { ScimHouse } from '../support/scim-house.ts';

const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
const size = 4000;
const tokens = 400;

async function provision({ database }: ScimHouse): Promise<readonly string[]> {
  const ids = Array.from({ length: size }, () => randomUUID());
  const rows = ids.map((id, index) => ({
    id,
    person: `person-${index}`,
    user_name: `user-${index}`,
    external_id: null,
    resource: '{"active":true}',
    created_at: 1,
    changed_at: 1,
  }));
  for (let start = 0; start < size; start += 500)
    await database
      .insertInto('scim_user')
      .values(rows.slice(start, start + 500))
      .execute();
  return ids;
}

test('a group of thousands is replaced while everybody else is served, and tells only of those who come or go', async () => {
  await using house = await startScimHouse({}, { settings: { verdictSeconds: 60 } });
  const { identity, publicUrl, database } = house;
  const resource = `${publicUrl}/mcp/files`;
  const ids = await provision(house);
  const accountId = await identity.upsertAccount({ id: 'https://idp.example#dana', name: 'dana', groups: [] });
  for (let count = 0; count < tokens; count++) {
    const token = await identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
    assert.equal((await identity.verify(`Bearer ${token}`, resource)).outcome, 'allow');
  }
  const { body: created } = await house.scim('POST', '/Groups', { schemas, displayName: 'all', members: [] });
  const told = async (): Promise<string[]> =>
    (await database.selectFrom('revocation').select('subject').where('subject', '!=', '*').execute()).map(
      ({ subject }) => subject,
    );
  const members = (of: readonly string[]): object => ({
    schemas,
    displayName: 'all',
    members: of.map((value) => ({ value })),
  });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const replaced = await house.scim('PUT', `/Groups/${created['id'] as string}`, members(ids));
  delay.disable();
  assert.equal(replaced.status, 200);
  assert.equal((replaced.body['members'] as object[]).length, size);
  assert.equal((await told()).length, size);
  assert.ok(delay.max < 1e9, `nobody was served for ${Math.round(delay.max / 1e6)} ms`);

  await house.scim('PUT', `/Groups/${created['id'] as string}`, members(ids.slice(2)));
  assert.deepEqual((await told()).slice(size).sort(), ['person-0', 'person-1']);

  const Operations = [
    { op: 'Remove', path: 'members', value: [{ value: ids[2] }] },
    { op: 'Add', path: 'members', value: [{ value: ids[0] }, { value: ids[3] }] },
  ];
  const patchSchemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
  await house.scim('PATCH', `/Groups/${created['id'] as string}`, { schemas: patchSchemas, Operations });
  assert.deepEqual((await told()).slice(size + 2).sort(), ['person-0', 'person-2'], 'who was in it stays as they were');

  const unknown = await house.scim('PUT', `/Groups/${created['id'] as string}`, members([...ids, randomUUID()]));
  assert.equal(unknown.status, 400);
  assert.equal((await told()).length, size + 4, 'all of a request, or nothing');
});
