// The Azure MCP Server asks for consent before it shows a secret: a client of 2026-07-28 is asked, or is told why not.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { withoutNetwork } from './support/azure-tools.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { modern, post } from './support/mcp-post.ts';
import { unless } from './support/skipping.ts';

const script = new URL('../node_modules/@azure/mcp/index.js', import.meta.url).pathname;
const skip = unless(withoutNetwork !== undefined && existsSync(script), 'no @azure/mcp, or no network namespaces');
const tool = 'keyvault_secret_get';
const subscription = '00000000-0000-0000-0000-000000000001';
const secret = { subscription, vault: 'genkan-trial', secret: 'greeting', 'retry-max-retries': 0 };

let house: TestHouse | undefined;
let token = '';

before(async () => {
  if (skip !== false) return;
  house = await openTestHouse({
    servers: {
      azure: {
        command: [...withoutNetwork!, process.execPath, script, 'server', 'start', '--mode', 'all'],
        env: { AZURE_MCP_COLLECT_TELEMETRY: 'false' },
      },
    },
    access: { assignments: [{ principal: { group: 'makers' }, role: 'Owner', scope: '/' }] },
  });
  token = await house.token('dana', 'azure');
});
after(() => house?.[Symbol.asyncDispose]());

async function call(capabilities: object, more: Record<string, unknown> = {}) {
  const { body, headers } = modern('tools/call', { name: tool, arguments: secret, ...more });
  const { params } = body as { params: { _meta: Record<string, unknown> } };
  params._meta['io.modelcontextprotocol/clientCapabilities'] = capabilities;
  return post(`${house!.url}/mcp/azure`, body, { token, headers });
}

test('a client that can ask its person is asked, and the call goes on with the answer', { skip }, async () => {
  const asked = (await call({ elicitation: {} })).message.result!;
  assert.equal(asked['resultType'], 'input_required');
  const [[key, question]] = Object.entries(asked['inputRequests'] as Record<string, { method: string }>) as [
    [string, { method: string }],
  ];
  assert.equal(question.method, 'elicitation/create');
  const inputResponses = { [key]: { action: 'accept', content: { decision: 'accept' } } };
  const answered = await call({ elicitation: {} }, { inputResponses, requestState: asked['requestState'] });
  assert.match(answered.body, /vault\.azure\.net|Authentication failed/);
});

test('a client that cannot is refused in plain words, and no secret is asked for', { skip }, async () => {
  const { result } = (await call({})).message;
  assert.equal(result!['isError'], true);
  const said = JSON.stringify(result!['content']);
  assert.match(said, /requires user consent, but the client does not support elicitation/);
  assert.doesNotMatch(said, /vault\.azure\.net/, 'it was refused before the vault was looked for');
});
