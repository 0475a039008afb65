// What is noted of configured roles, and that nothing is where there is nothing to say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from './load.ts';
import { roleNotes } from './role-notes.ts';

const identity = 'identity: { provider: { issuer: https://login.example.com, clientId: genkan } }\n';

async function notesOf(roles: readonly object[]): Promise<string[]> {
  const checked = checkConfig('/etc/genkan/genkan.yaml', `${identity}access: ${JSON.stringify({ roles })}\n`);
  if (!('config' in checked)) throw new Error(JSON.stringify(checked.mistakes));
  return await roleNotes('/etc/genkan/genkan.yaml', checked.config.settings);
}
const role = (Name: string, lines: object): object => ({ Name, AssignableScopes: ['/'], ...lines });

test('lines of a configured role that grant nothing are named, with what was probably meant', async () => {
  const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';
  const written = role('Typos', {
    Actions: ['Microsoft.Compute/virtualMachine/read', blobs, 'Microsoft.Compute/x/y/action'],
  });
  assert.deepEqual(await notesOf([written]), [
    'role "Typos" in genkan.yaml: "Microsoft.Compute/virtualMachine/read" under Actions matches no operation of Azure that is known here. Was Microsoft.Compute/virtualMachines/read meant?',
    `role "Typos" in genkan.yaml: "${blobs}" under Actions is an operation of the other plane and does nothing there; it belongs under DataActions.`,
    'role "Typos" in genkan.yaml: "Microsoft.Compute/x/y/action" under Actions matches no operation of Azure that is known here. Is it new, or misspelt?',
  ]);
});

test('nothing is noted of roles without such lines, nor where a role cannot be read', async () => {
  assert.deepEqual(await notesOf([role('Fine', { Actions: ['*/read', 'mcp/servers/*'] })]), []);
  assert.deepEqual(
    await notesOf([role('Broken', { Actions: ['Microsoft.Compte/x'], AssignableScopes: ['nowhere'] })]),
    [],
  );
});
