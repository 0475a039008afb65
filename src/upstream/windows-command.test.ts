// Commands that people write in their settings, as Windows can start them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutShell } from './windows-command.ts';

const files = new Set(['C:\\nodejs\\node_modules\\npm\\bin\\npx-cli.js', 'C:\\nodejs\\node.exe']);
const windows = {
  platform: 'win32',
  environment: { Path: '.;C:\\Windows;C:\\nodejs' },
  exists: (file: string) => files.has(file),
  node: 'D:\\own\\node.exe',
} as const;

test('npx is started by its script, with the Node beside it, and every argument as it was written', () => {
  const script = 'C:\\nodejs\\node_modules\\npm\\bin\\npx-cli.js';
  const expected = ['C:\\nodejs\\node.exe', script, '-y', 'a & calc.exe'];
  assert.deepEqual(withoutShell(['npx', '-y', 'a & calc.exe'], windows), expected);
  assert.deepEqual(withoutShell(['NPX.cmd', '-y', 'a & calc.exe'], windows), expected);
});

test('other programs, other systems and an npm that is not there are left as they are', () => {
  for (const command of [
    ['uvx', 'server'],
    ['C:\\tools\\npx', 'x'],
    ['npm', 'exec'],
  ])
    assert.deepEqual(withoutShell(command, windows), command);
  assert.deepEqual(withoutShell(['npx'], { ...windows, platform: 'linux' }), ['npx']);
});

test('a folder that is named relative to the current one is not searched', () => {
  const planted = { ...windows, environment: { PATH: '.;node_modules' }, exists: () => true };
  assert.deepEqual(withoutShell(['npx'], planted), ['npx']);
});
