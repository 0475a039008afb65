// What `node -e` runs as a server that tells what it hears.
/** A server over stdio, up to 2025-11-25, that answers calls with what it was asked. */
export const echoingChild = `
const tools = [{ name: 'read', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }];
const greeting = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'child', version: '0' } };
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const said = { content: [{ type: 'text', text: JSON.stringify(params) }] };
  const known = { initialize: greeting, 'tools/list': { tools }, 'tools/call': said }[method];
  const answer = known === undefined ? { error: { code: -32601, message: 'unknown' } } : { result: known };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
});`;
