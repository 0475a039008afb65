// `npm run demo`: a journey through the trial without a human. Exit code 0 only if every step held.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { elevationJourney } from './elevation-journey.ts';
import { journey } from './journey.ts';
import { flipOneByte } from './tampering.ts';
import { createTranscript } from './transcript.ts';
import { genkan, startTrialProcess } from '../../test/support/trial-process.ts';
import type { TrialProcess } from '../../test/support/trial-process.ts';

const longestMinutes = 5;
const azureServer = fileURLToPath(new URL('../../node_modules/@azure/mcp/index.js', import.meta.url));

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-demo-'));
const transcript = createTranscript((text) => process.stdout.write(text), process.stdout.isTTY);
const { step } = transcript;
let trial: TrialProcess | undefined;

const end = async (exitCode: number): Promise<never> => {
  await trial?.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(exitCode);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(1));
setTimeout(() => {
  process.stderr.write(`The demo did not come to its end within ${longestMinutes} minutes.\n`);
  void end(1);
}, longestMinutes * 60_000);

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await end(1);
}
process.stdout.write(`\n${transcript.held} steps held, ${transcript.failed} failed.\n`);
await end(transcript.failed === 0 ? 0 : 1);

async function run(): Promise<void> {
  transcript.heading('The Azure MCP Server, without Genkan');
  let everything = { tools: 0, bytes: 0 };
  await step('shows every tool to everybody who can start it', async () => {
    everything = await listDirectly();
    return `${everything.tools} tools, ${Math.round(everything.bytes / 1024)} KB`;
  });

  transcript.heading('Genkan, on ports of its own and with an empty data directory');
  const data = path.join(folder, 'data');
  const started = await step('the trial starts', async () => {
    trial = await startTrialProcess(data);
    return `listening on ${trial.publicUrl}`;
  });
  if (!started) return;

  for (const revision of ['2025-11-25', '2026-07-28']) {
    await journey(transcript, { publicUrl: trial!.publicUrl, revision, everything });
  }

  await elevationJourney(transcript, { publicUrl: trial!.publicUrl, revision: '2026-07-28', data });

  transcript.heading('The audit log');
  await step('audit verify proves it while Genkan runs', async () => verify(data, 0));
  await trial!.stop();
  const copy = path.join(folder, 'copy');
  cpSync(data, copy, { recursive: true });
  await step('audit verify proves a copy of it (the control)', async () => verify(copy, 0));
  await step('audit verify notices one changed byte in that copy', async () => {
    const offset = flipOneByte(path.join(copy, 'audit.db'), 'compute_vm_delete');
    return `byte ${offset} changed\n${await verify(copy, 4)}`;
  });
}

/** Runs `audit verify` and resolves with what it said. Exit code 0: proven; 4: problems found. */
async function verify(data: string, expected: 0 | 4): Promise<string> {
  const { exitCode, output } = await genkan('audit', 'verify', '--data', data);
  assert.equal(exitCode, expected, `audit verify ended with ${exitCode}: ${output}`);
  return output.trim();
}

async function listDirectly(): Promise<{ tools: number; bytes: number }> {
  const client = new Client({ name: 'Genkan demo', version: '1.0.0' });
  const env = { ...(process.env as Record<string, string>), AZURE_MCP_COLLECT_TELEMETRY: 'false' };
  const args = [azureServer, 'server', 'start', '--mode', 'all'];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'ignore' }));
  const { tools } = await client.listTools();
  await client.close();
  return { tools: tools.length, bytes: Buffer.byteLength(JSON.stringify(tools)) };
}
