// The poisoned sample of the trial: shut until an administrator approves it, open then, and shut again at a word.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { genkan, startTrialProcess } from '../support/trial-process.ts';

test('nobody reaches the poisoned tool before it is approved, or after it is disabled', async () => {
  const data = mkdtempSync(path.join(tmpdir(), 'genkan-poisoned-'));
  const trial = await startTrialProcess(data);
  try {
    const token = (): ReturnType<typeof genkan> =>
      genkan('trial', 'token', '--as', 'ada', '--for', 'poisoned', '--data', data);
    const connect = async (authorization: string): Promise<Client> => {
      const client = new Client({ name: 'test', version: '1' });
      const url = new URL(`${trial.publicUrl}/mcp/poisoned`);
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization } } }));
      return client;
    };
    const act = async (verb: string): Promise<void> => {
      const { exitCode, output } = await genkan('server', verb, 'poisoned', '--data', data);
      assert.equal(exitCode, 0, output);
    };

    assert.notEqual((await token()).exitCode, 0, 'there is not even a token for it');

    await act('approve');
    const authorization = `Bearer ${(await token()).output.trim()}`;
    const client = await connect(authorization);
    const { tools } = await client.listTools();
    assert.match(tools[0]!.description ?? '', /<IMPORTANT>/, 'the sample is poisoned');
    const args = { amount: 2, from: 'EUR', to: 'EUR' };
    const answer = await client.callTool({ name: 'convert_currency', arguments: args });
    assert.match(JSON.stringify(answer.content), /2 EUR = 2\.00 EUR/);

    await act('disable');
    await assert.rejects(client.callTool({ name: 'convert_currency', arguments: args }));
    await client.close();
    await assert.rejects(connect(authorization));
  } finally {
    assert.equal(await trial.stop(), 0);
    rmSync(data, { recursive: true, force: true });
  }
});
