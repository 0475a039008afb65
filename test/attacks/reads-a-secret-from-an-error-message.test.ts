// Attack: a secret was written into genkan.yaml, and a mistake near it makes Genkan print the line to a terminal or a log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { makeSlips, secretConfig, shown } from '../support/config-slips.ts';

test('control: the messages of a YAML reader show the secret', () => {
  const broken = secretConfig.replace('clientSecret: hunter2hunter2', 'clientSecret: hunter2hunter2: x');
  const messages = parseDocument(broken).errors.map(({ message }) => message);
  assert.match(messages.join('\n'), /hunter2/);
});

// The proofs make all of them.
test('no slip of one character anywhere in the file brings a secret to light', () => {
  const { telling, mistaken } = makeSlips(5);
  assert.deepEqual(telling, []);
  assert.ok(mistaken > 200, 'the slips are mistakes');
});

test('nor does a secret in a place where nothing belongs', () => {
  const misplaced = [
    'identity: { provider: { clientSecret: { hunter2 } } }',
    'identity: { provider: { clientSecret: [hunter2, { a: hunter2 }] } }',
    'identity: { provider: { clientSecret: { source: hunter2 } } }',
    'identity: { provider: { clientsecret: hunter2 } }',
    'pw: hunter2 # hunter2',
    'log: { level: inof } # was: --token hunter2',
    'servers: { web: { url: "https://me:hunter2@mcp.example.com/mcp" } }',
    'servers: { web: { url: "https://mcp.example.com/mcp", env: { A: hunter2 } } }',
    'servers: { web: { command: [node, --token, hunter2], approved: maybe } }',
  ];
  for (const text of misplaced) assert.doesNotMatch(shown(text), /hunter2/, text);
});
