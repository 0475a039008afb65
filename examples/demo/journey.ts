// The journey of the demo in one protocol revision: what dana and ada may do with the real Azure MCP Server, and what not.
import assert from 'node:assert/strict';
import { ProtocolError } from '@modelcontextprotocol/client';
import type { Client } from '@modelcontextprotocol/client';
import { headingOf } from '../../test/support/sign-in-walk.ts';
import { connectAs } from './person-client.ts';
import type { PersonClient } from './person-client.ts';
import type { Transcript } from './transcript.ts';

type Arguments = Record<string, unknown>;

export interface JourneyOptions {
  /** Where the trial listens, e.g. `http://127.0.0.1:7300`. */
  readonly publicUrl: string;
  readonly revision: string;
  /** What the Azure server shows to whoever asks it directly. */
  readonly everything: { readonly tools: number; readonly bytes: number };
}

const callTimeoutMs = 60_000;
const subscription = '00000000-0000-0000-0000-000000000001';
/** What only the Azure server itself says: that it has no login, or that its client could not be asked for consent. */
const ownWords =
  /Authentication failed\. Please run .*az login|requires user consent, but the client does not support elicitation/;
const inGroup = (group: string): Arguments => ({ subscription, 'resource-group': group });
const updateIn = (group: string): Arguments => ({ ...inGroup(group), 'vm-name': 'web-1', tags: 'reviewed=yes' });
const accountIn = (group: string): Arguments => ({ ...inGroup(group), account: 'genkantrial', location: 'japaneast' });

export async function journey(
  transcript: Transcript,
  { publicUrl, revision, everything }: JourneyOptions,
): Promise<void> {
  const { step } = transcript;
  const url = `${publicUrl}/mcp/azure`;
  const clients: PersonClient[] = [];
  const questions: string[] = [];

  const signInAs = (person: string): Promise<boolean> =>
    step(`${person} signs in through the browser pages`, async () => {
      const pages: string[] = [];
      const client = await connectAs({
        url,
        revision,
        person,
        onPage: ({ html }) => void pages.push(`“${headingOf(html)}”`),
        onQuestion: (message) => void questions.push(message),
      });
      clients.push(client);
      assert.equal(client.client.getNegotiatedProtocolVersion(), revision);
      return `pages: ${pages.join(' → ')}\nthen a token for ${url}, and MCP ${revision}`;
    });

  try {
    transcript.heading(`dana, developer (group dev-team), MCP ${revision}`);
    if (!(await signInAs('dana'))) return;
    const dana = clients[0]!;

    await step('tools/list shows only her part of the Azure tools', async () => {
      const { tools } = await dana.client.listTools();
      const names = tools.map(({ name }) => name);
      const bytes = Buffer.byteLength(JSON.stringify(tools));
      assert.ok(names.includes('compute_vm_update') && names.includes('bicepschema_get'), 'her own tools are missing');
      assert.ok(!names.includes('keyvault_secret_get'), 'keyvault_secret_get is shown to her');
      assert.ok(names.length < everything.tools / 2 && bytes < everything.bytes / 2, `${names.length} tools are shown`);
      return `${names.length} of ${everything.tools} tools, ${kilobytes(bytes)} of ${kilobytes(everything.bytes)}`;
    });
    await step('bicepschema_get returns the real answer', async () => {
      const answer = await call(dana.client, 'bicepschema_get', {
        'resource-type': 'Microsoft.Storage/storageAccounts',
      });
      assert.ok(!answer.isError && answer.text.includes('BicepSchemaResult'), answer.text.slice(0, 200));
      return `${answer.text.length} characters of Bicep schema`;
    });

    const reachesAzure = (tool: string, args: Arguments): Promise<boolean> =>
      step(`${tool} in ${String(args['resource-group'])} reaches the Azure server`, async () => {
        questions.length = 0;
        const { text } = await call(dana.client, tool, args);
        assert.match(text, ownWords);
        return [
          ...questions.map((question) => `it asks her: ${beginningOf(question)}`),
          `it answers: ${beginningOf(text)}`,
        ].join('\n');
      });
    await reachesAzure('compute_vm_get', inGroup('dev-web'));
    await reachesAzure('compute_vm_update', updateIn('dev-web'));
    await reachesAzure('storage_account_create', accountIn('dev-web'));

    const refused = (
      title: string,
      tool: string,
      args: Arguments,
      reason: string,
      names: string[] = [],
    ): Promise<boolean> =>
      step(title, async () => {
        const error = await refusalOf(dana.client, tool, args);
        assert.equal(reasonOf(error), reason, `refused for another reason: ${error.message}`);
        const told = JSON.stringify([error.message, error.data]);
        for (const name of names) assert.ok(told.includes(name), `the refusal does not name ${name}: ${told}`);
        return error.message;
      });
    await refused(
      'compute_vm_update in prod-web is refused',
      'compute_vm_update',
      updateIn('prod-web'),
      'access_out_of_scope',
    );
    await refused(
      'storage_account_create in prod-web is refused',
      'storage_account_create',
      accountIn('prod-web'),
      'access_out_of_scope',
    );
    await refused(
      'compute_vm_get without a resource group is refused: its scope is the subscription',
      'compute_vm_get',
      { subscription },
      'access_out_of_scope',
    );
    await refused(
      'compute_vm_delete in dev-web is refused by NotActions',
      'compute_vm_delete',
      { ...inGroup('dev-web'), 'vm-name': 'web-1' },
      'access_action_excluded',
      ['Microsoft.Compute/virtualMachines/delete'],
    );
    await refused(
      'compute_vm_create in dev-web is refused, naming the network actions that her role lacks',
      'compute_vm_create',
      { ...inGroup('dev-web'), 'vm-name': 'web-2', location: 'japaneast', 'admin-username': 'genkan' },
      'access_action_missing',
      ['Microsoft.Network/networkInterfaces/write', 'Microsoft.Network/virtualNetworks/write'],
    );
    await step('her token is of no use at another address of the same Genkan', async () => {
      const other = await knock(`${publicUrl}/mcp/files`, dana.accessToken(), revision);
      assert.equal(other.status, 401);
      const own = await knock(url, dana.accessToken(), revision);
      assert.notEqual(own.status, 401, 'the control: where it was issued for, it must be accepted');
      return `401 ${other.headers.get('www-authenticate') ?? ''}`;
    });

    transcript.heading(`ada, administrator (group azure-mcp-admins), MCP ${revision}`);
    if (!(await signInAs('ada'))) return;
    const ada = clients[1]!;
    const secret = { subscription, vault: 'genkan-trial', secret: 'greeting', 'retry-max-retries': 0 };
    const asked = revision === '2025-11-25' ? 1 : 0; // a question does not cross to a newer revision yet
    const title =
      asked === 1 ? 'the Azure server asks her, and her answer lets it go on' : 'it reaches the Azure server';
    await step(`keyvault_secret_get is allowed: ${title}`, async () => {
      questions.length = 0;
      const { text } = await call(ada.client, 'keyvault_secret_get', secret);
      assert.equal(questions.length, asked, `she was asked ${questions.length} times; ${text}`);
      assert.match(text, asked === 1 ? /genkan-trial\.vault\.azure\.net|Authentication failed/ : ownWords);
      return [
        ...questions.map((question) => `it asks her: ${beginningOf(question)}`),
        `it answers: ${beginningOf(text)}`,
      ].join('\n');
    });
  } finally {
    for (const client of clients) await client.close();
  }
}

async function call(client: Client, name: string, args: Arguments): Promise<{ isError: boolean; text: string }> {
  const answer = await client.callTool({ name, arguments: args }, { timeout: callTimeoutMs });
  const text = answer.content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
  return { isError: answer.isError === true, text };
}

/** The refusal with which a call ends. Anything else, an answer included, is a failure of the step. */
async function refusalOf(client: Client, name: string, args: Arguments): Promise<ProtocolError> {
  try {
    const { text } = await call(client, name, args);
    throw new Error(`it was not refused, and answered: ${text.slice(0, 200)}`);
  } catch (error) {
    if (ProtocolError.isInstance(error)) return error;
    throw error;
  }
}

const reasonOf = ({ data }: ProtocolError): unknown => (data as { reason?: unknown } | undefined)?.reason;

function knock(url: string, token: string, revision: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': revision,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    signal: AbortSignal.timeout(callTimeoutMs),
  });
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;

/** The beginning of what a JSON answer of the Azure server, or a plain text, says. */
function beginningOf(text: string): string {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const plain = message === undefined ? text : (JSON.parse(`"${message}"`) as string);
  return /^.*?[.!?](?=\s|$)(?:.{0,60}?[.!?](?=\s|$))?/s.exec(plain)?.[0].replace(/\s+/g, ' ') ?? plain.slice(0, 160);
}
