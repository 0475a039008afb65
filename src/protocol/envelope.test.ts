// The envelope of a modern request: complete, of a revision that is spoken, or refused with the code that the revision asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorTable, isRefusal } from '../base/errors.ts';
import { readEnvelope } from './envelope.ts';
import { request } from './message.ts';

const good = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
};
const read = (meta: unknown) => readEnvelope(request(1, 'tools/list', { _meta: meta }));

test('reads revision, client, capabilities and log level', () => {
  const clientInfo = { name: 'client', version: '1', title: 'Client' };
  const envelope = read({
    ...good,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/logLevel': 'warning',
  });
  assert.deepEqual(envelope, {
    protocolVersion: '2026-07-28',
    clientInfo,
    clientCapabilities: { elicitation: {} },
    logLevel: 'warning',
  });
});

test('refuses a missing or malformed member as invalid parameters, and names it', () => {
  const cases: [unknown, string][] = [
    [undefined, '_meta'],
    ['text', '_meta'],
    [{}, 'io.modelcontextprotocol/protocolVersion'],
    [{ ...good, 'io.modelcontextprotocol/protocolVersion': 1 }, 'io.modelcontextprotocol/protocolVersion'],
    [{ ...good, 'io.modelcontextprotocol/clientCapabilities': [] }, 'io.modelcontextprotocol/clientCapabilities'],
    [{ ...good, 'io.modelcontextprotocol/clientInfo': { name: 'x' } }, 'io.modelcontextprotocol/clientInfo'],
    [{ ...good, 'io.modelcontextprotocol/logLevel': 'loud' }, 'io.modelcontextprotocol/logLevel'],
  ];
  for (const [meta, key] of cases) {
    const refusal = read(meta);
    assert.ok(isRefusal(refusal));
    assert.equal(errorTable[refusal.code].rpc, -32602);
    assert.equal(errorTable[refusal.code].http, 400);
    assert.equal((refusal.data?.['envelope'] as { key: string }).key, key);
  }
});

test('answers an unknown revision with the supported ones', () => {
  const refusal = read({ ...good, 'io.modelcontextprotocol/protocolVersion': '1900-01-01' });
  assert.ok(isRefusal(refusal));
  assert.equal(errorTable[refusal.code].rpc, -32022);
  assert.equal(refusal.data?.['requested'], '1900-01-01');
  assert.ok((refusal.data?.['supported'] as string[]).includes('2026-07-28'));
});
