// The poisoned sample of the trial: shut until an administrator approves it; its tool withheld until somebody has looked; shut again at a word.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
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
    const args = { amount: 2, from: 'EUR', to: 'EUR' };
    assert.deepEqual((await client.listTools()).tools, [], 'the tool waits for a person');
    await assert.rejects(client.callTool({ name: 'convert_currency', arguments: args }));

    const shown = await genkan('pin', 'show', 'poisoned', '--data', data);
    assert.match(shown.output, /looks like an attack .*posing-markup/);
    assert.match(shown.output, /id_rsa/);
    const digest = /pin approve poisoned --digest ([0-9a-f]{64})/.exec(shown.output)![1]!;
    const approved = await genkan('pin', 'approve', 'poisoned', '--digest', digest, '--data', data);
    assert.equal(approved.exitCode, 0, approved.output);
    const usable = async (): Promise<boolean> => (await client.listTools()).tools.length > 0;
    for (let attempt = 0; attempt < 200 && !(await usable()); attempt++) await pause(50);
    const { tools } = await client.listTools();
    assert.match(tools[0]!.description ?? '', /<IMPORTANT>/, 'the sample is poisoned');
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
