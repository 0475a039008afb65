// Attack: a secret was written into genkan.yaml, and a mistake near it makes Genkan print the line to a terminal or a log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { checkConfig } from '../../src/config/load.ts';
import { ConfigMistakes } from '../../src/config/mistake.ts';

const config = `listen: 127.0.0.1:7300
identity:
  provider:
    issuer: https://login.example.com
    clientId: genkan
    clientSecret: hunter2hunter2
servers:
  web:
    url: https://mcp.example.com/mcp
    headers: { authorization: "Bearer hunter2hunter2", x-key: 'hunter2hunter2' }
  files:
    command: [node, server.js]
    env:
      GITHUB_TOKEN: |
        hunter2hunter2
        hunter2hunter2
`;

/** Everything that anybody gets to see of the mistakes of a configuration. */
function shown(text: string): string {
  const checked = checkConfig('genkan.yaml', text);
  const mistakes = 'mistakes' in checked ? checked.mistakes : [];
  const { message, params } = new ConfigMistakes('genkan.yaml', mistakes);
  return [message, JSON.stringify(params), JSON.stringify(mistakes)].join('\n'); // all that the texts of other languages are filled with
}

test('control: the messages of a YAML reader show the secret', () => {
  const broken = config.replace('clientSecret: hunter2hunter2', 'clientSecret: hunter2hunter2: x');
  const messages = parseDocument(broken).errors.map(({ message }) => message);
  assert.match(messages.join('\n'), /hunter2/);
});

test('no slip of one character anywhere in the file brings a secret to light', () => {
  const replacements = ['', ' ', ':', '"', "'", '\n', '{', '#', '-', '|'];
  const insertions = [' ', ':', '"', '\n', '#'];
  let mistaken = 0;
  for (let at = 0; at < config.length; at++) {
    const slips = [
      ...replacements.map((slip) => config.slice(0, at) + slip + config.slice(at + 1)),
      ...insertions.map((slip) => config.slice(0, at) + slip + config.slice(at)),
    ];
    for (const text of slips) {
      const said = shown(text);
      if (said.includes('genkan.yaml:')) mistaken += 1;
      assert.doesNotMatch(said, /hunter2/, `near character ${at}:\n${text}`);
    }
  }
  assert.ok(mistaken > 1000, 'the slips are mistakes');
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
