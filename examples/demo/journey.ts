// The journey of the demo in one protocol revision: what dana and ada may do with the real Azure MCP Server, and what not.
import assert from 'node:assert/strict';
import { headingOf } from '../../test/support/sign-in-walk.ts';
import { beginningOf, call, callTimeoutMs, ownWords, reasonOf, refusalOf, subscription } from './calling.ts';
import type { Arguments } from './calling.ts';
import { connectAs } from './person-client.ts';
import type { PersonClient } from './person-client.ts';
import type { Transcript } from './transcript.ts';

export interface JourneyOptions {
  /** Where the trial listens, e.g. `http://127.0.0.1:7300`. */
  readonly publicUrl: string;
  readonly revision: string;
  /** What the Azure server shows to whoever asks it directly. */
  readonly everything: { readonly tools: number; readonly bytes: number };
}

const inGroup = (group: string): Arguments => ({ subscription, 'resource-group': group });
const machineIn = (group: string): Arguments => ({ ...inGroup(group), 'vm-name': 'web-1' });
const updateIn = (group: string): Arguments => ({ ...machineIn(group), tags: 'reviewed=yes' });
const accountIn = (group: string): Arguments => ({ ...inGroup(group), account: 'genkantrial', location: 'japaneast' });

/** What dana may not do, and the reason that she must be given. */
const refusals: readonly {
  readonly title: string;
  readonly tool: string;
  readonly args: Arguments;
  readonly reason: string;
  /** Actions that the refusal must name. */
  readonly names?: readonly string[];
}[] = [
  {
    title: 'compute_vm_update in prod-web is refused by scope',
    tool: 'compute_vm_update',
    args: updateIn('prod-web'),
    reason: 'access_out_of_scope',
  },
  {
    title: 'storage_account_create in prod-web is refused by scope',
    tool: 'storage_account_create',
    args: accountIn('prod-web'),
    reason: 'access_out_of_scope',
  },
  {
    title: 'compute_vm_get without a resource group is refused: its scope is the subscription',
    tool: 'compute_vm_get',
    args: { subscription },
    reason: 'access_out_of_scope',
  },
  {
    title: 'compute_vm_delete in dev-web is refused by NotActions',
    tool: 'compute_vm_delete',
    args: machineIn('dev-web'),
    reason: 'access_action_excluded',
    names: ['Microsoft.Compute/virtualMachines/delete'],
  },
  {
    title: 'compute_vm_create in dev-web is refused, naming the network actions that her role lacks',
    tool: 'compute_vm_create',
    args: { ...machineIn('dev-web'), location: 'japaneast', 'admin-username': 'genkan' },
    reason: 'access_action_missing',
    names: ['Microsoft.Network/networkInterfaces/write', 'Microsoft.Network/virtualNetworks/write'],
  },
];

/** Somebody who has signed in. */
interface Actor {
  readonly step: Transcript['step'];
  readonly signedIn: PersonClient;
  /** What servers have asked this person so far. */
  readonly questions: readonly string[];
}

export async function journey(transcript: Transcript, options: JourneyOptions): Promise<void> {
  transcript.heading(`dana, developer (group dev-team), MCP ${options.revision}`);
  await as('dana', transcript, options, danaActs);
  transcript.heading(`ada, administrator (group azure-mcp-admins), MCP ${options.revision}`);
  await as('ada', transcript, options, adaActs);
}

async function as(
  person: string,
  { step }: Transcript,
  options: JourneyOptions,
  act: (actor: Actor, options: JourneyOptions) => Promise<void>,
): Promise<void> {
  const { publicUrl, revision } = options;
  const url = `${publicUrl}/mcp/azure`;
  const questions: string[] = [];
  let signedIn: PersonClient | undefined;
  await step(`${person} signs in through the browser pages`, async () => {
    const pages: string[] = [];
    const onPage = ({ html }: { html: string }): void => void pages.push(`“${headingOf(html)}”`);
    const onQuestion = (message: string): void => void questions.push(message);
    signedIn = await connectAs({ url, revision, person, onPage, onQuestion });
    assert.equal(signedIn.client.getNegotiatedProtocolVersion(), revision);
    return `pages: ${pages.join(' → ')}\nthen a token for ${url}, and MCP ${revision}`;
  });
  if (signedIn === undefined) return;
  try {
    await act({ step, signedIn, questions }, options);
  } finally {
    await signedIn.close();
  }
}

async function danaActs(dana: Actor, { publicUrl, revision, everything }: JourneyOptions): Promise<void> {
  const { step, signedIn } = dana;
  const { client } = signedIn;

  await step('tools/list shows only her part of the Azure tools', async () => {
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    const bytes = Buffer.byteLength(JSON.stringify(tools));
    assert.ok(names.includes('compute_vm_update') && names.includes('bicepschema_get'), 'her own tools are missing');
    assert.ok(!names.includes('keyvault_secret_get'), 'keyvault_secret_get is shown to her');
    assert.ok(names.length < everything.tools / 2 && bytes < everything.bytes / 2, `${names.length} tools are shown`);
    return `${names.length} of ${everything.tools} tools, ${kilobytes(bytes)} of ${kilobytes(everything.bytes)}`;
  });
  await step('bicepschema_get returns the real answer', async () => {
    const text = await call(client, 'bicepschema_get', { 'resource-type': 'Microsoft.Storage/storageAccounts' });
    assert.ok(text.includes('BicepSchemaResult'), text.slice(0, 200));
    return `${text.length} characters of Bicep schema`;
  });
  for (const [tool, args] of [
    ['compute_vm_get', inGroup('dev-web')],
    ['compute_vm_update', updateIn('dev-web')],
    ['storage_account_create', accountIn('dev-web')],
  ] as const) {
    await step(`${tool} in dev-web reaches the Azure server`, async () => {
      const { text, told } = await converse(dana, tool, args);
      assert.match(text, ownWords);
      return told;
    });
  }
  for (const { title, tool, args, reason, names = [] } of refusals) {
    await step(title, async () => {
      const error = await refusalOf(client, tool, args);
      assert.equal(reasonOf(error), reason, `refused for another reason: ${error.message}`);
      for (const name of names) assert.ok(error.message.includes(name), `it does not name ${name}: ${error.message}`);
      return error.message;
    });
  }
  await step('her token is of no use at another address of the same Genkan', async () => {
    const other = await knock(`${publicUrl}/mcp/files`, signedIn.accessToken(), revision);
    assert.equal(other.status, 401);
    const own = await knock(`${publicUrl}/mcp/azure`, signedIn.accessToken(), revision);
    assert.notEqual(own.status, 401, 'the control: where it was issued for, it must be accepted');
    return `401 ${other.headers.get('www-authenticate') ?? ''}`;
  });
}

async function adaActs(ada: Actor): Promise<void> {
  const secret = { subscription, vault: 'genkan-trial', secret: 'greeting', 'retry-max-retries': 0 };
  await ada.step(
    'keyvault_secret_get is allowed; the Azure server asks her, and her answer lets it go on',
    async () => {
      const { text, told, asked } = await converse(ada, 'keyvault_secret_get', secret);
      assert.equal(asked, 1, `she was asked ${asked} times; ${text}`);
      assert.match(text, /genkan-trial\.vault\.azure\.net|Authentication failed/);
      return told;
    },
  );
}

/** Calls a tool and tells what was said on the way. */
async function converse(
  { signedIn, questions }: Actor,
  tool: string,
  args: Arguments,
): Promise<{ text: string; asked: number; told: string }> {
  const before = questions.length;
  const text = await call(signedIn.client, tool, args);
  const asked = questions.slice(before);
  const lines = [
    ...asked.map((question) => `it asks her: ${beginningOf(question)}`),
    `it answers: ${beginningOf(text)}`,
  ];
  return { text, asked: asked.length, told: lines.join('\n') };
}

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
