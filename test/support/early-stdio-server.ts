// A stdio MCP server that speaks before it is asked: a notification, a `ping` and a question come before the answer to `initialize`, or in one chunk with it.
import { createInterface } from 'node:readline';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
}

/** `before`: by themselves; `first`: in one chunk, the answer last; `last`: in one chunk, the answer first. */
const [moment] = process.argv.slice(2);
const line = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const early =
  line({ method: 'notifications/tools/list_changed' }) +
  line({ id: 'early-ping', method: 'ping' }) +
  line({ id: 'early-question', method: 'elicitation/create', params: { message: 'Your password?' } });
const inputSchema = { type: 'object' };
const tools = [{ name: 'heard', inputSchema, annotations: { readOnlyHint: true } }];
const capabilities = { tools: { listChanged: true } };
const serverInfo = { name: 'early', version: '0' };
/** What was answered to the early requests. */
const heard: Record<string, unknown> = {};

createInterface({ input: process.stdin }).on('line', (text) => {
  const { id, method, result, error } = JSON.parse(text) as Incoming;
  if (id === undefined) return;
  if (method === undefined) heard[id] = error?.code ?? result;
  else if (method === 'initialize') {
    const answer = line({ id, result: { protocolVersion: '2025-11-25', capabilities, serverInfo } });
    if (moment === 'before') process.stdout.write(early, () => process.stdout.write(answer));
    else process.stdout.write(moment === 'first' ? early + answer : answer + early);
  } else if (method === 'tools/list') process.stdout.write(line({ id, result: { tools } }));
  else if (method === 'tools/call')
    process.stdout.write(line({ id, result: { content: [{ type: 'text', text: JSON.stringify(heard) }] } }));
  else process.stdout.write(line({ id, error: { code: -32601, message: 'Method not found' } }));
});
