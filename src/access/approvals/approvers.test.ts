// Tests of approvers: names become ids once, and a name of nobody approves nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approverSettings, resolveApprovers } from './approvers.ts';

const sena = 'https://login.example.com#sena';
const entra = '00000000-0000-0000-0000-00000000000a@00000000-0000-0000-0000-00000000000b';

test('names become ids, ids stay, and a name of nobody is told of', async () => {
  const asked: string[] = [];
  const findPerson = (name: string): Promise<string | undefined> => {
    asked.push(name);
    return Promise.resolve(name === 'sena@example.com' ? sena : undefined);
  };
  const written = [
    { user: 'sena@example.com' },
    { user: sena },
    { user: entra },
    { user: 'left@example.com' },
    { group: 'security-team' },
    { operator: true as const },
  ];
  assert.deepEqual(await resolveApprovers(written, findPerson), {
    approvers: [
      { kind: 'user', id: sena, name: 'sena@example.com' },
      { kind: 'user', id: entra },
      { kind: 'group', id: 'security-team' },
      { kind: 'operator' },
    ],
    unknown: ['left@example.com'],
  });
  assert.deepEqual(asked, ['sena@example.com', 'left@example.com']);
});

test('a group that is called like a person stays a group', async () => {
  const nobody = (): Promise<undefined> => Promise.reject(new Error('asked for a person'));
  assert.deepEqual((await resolveApprovers([{ group: 'sena@example.com' }], nobody)).approvers, [
    { kind: 'group', id: 'sena@example.com' },
  ]);
});

test('an approver is one of a person, a group and the operator', () => {
  for (const written of [{}, { user: '' }, { operator: false }, { user: 'a', group: 'b' }, { application: 'bot' }])
    assert.equal(approverSettings.safeParse(written).success, false, JSON.stringify(written));
});
