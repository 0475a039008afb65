// Tests of which audience a resource stands for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audienceOf } from './audiences.ts';

const origin = 'https://mcp.example.com';

test('both transports of an MCP address have one audience', () => {
  assert.equal(audienceOf(`${origin}/mcp/files/sse`), `${origin}/mcp/files`);
  assert.equal(audienceOf(`${origin}/sse`), `${origin}/mcp`);
});

test('every other resource is its own audience, also that of a server called sse', () => {
  for (const path of ['/mcp', '/mcp/files', '/mcp/sse', '/api', '/mcp/a/b/sse', '/mcp/files/sse/', '/api/sse'])
    assert.equal(audienceOf(origin + path), origin + path);
});
