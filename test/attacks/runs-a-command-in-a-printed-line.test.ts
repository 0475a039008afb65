// Somebody has a say in a name, a subject or an address that lands in the lines for the Azure CLI, and waits for an administrator to paste them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setUp } from '../../src/identity/entra/setup/setup.ts';
import type { SetupOrder } from '../../src/identity/entra/setup/setup.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-printed-'));
after(() => rmSync(folder, { recursive: true }));
const bin = path.join(folder, 'az');
writeFileSync(
  bin,
  '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word" >> arguments; done\necho 11111111-2222-4333-8444-555555555555\n',
  {
    mode: 0o755,
  },
);
const isRun = path.join(folder, 'run');
const payloads = [
  `x'; touch ${isRun}; echo '`,
  `$(touch ${isRun})`,
  `\`touch ${isRun}\``,
  `x" ; touch ${isRun} ; "`,
  `x\ntouch ${isRun}\n`,
  `\\'; touch ${isRun} #`,
  `\u2019; touch ${isRun} #\u2018`,
];

async function linesWith(subject: string, shell: 'bash' | 'powershell'): Promise<string[]> {
  const order: SetupOrder = {
    tenant: '11111111-2222-4333-8444-555555555555',
    displayName: subject,
    publicUrl: 'https://mcp.example.com',
    multiTenant: false,
    scope: 'access',
    appRoles: [subject],
    contexts: [],
    federated: { name: 'genkan', issuer: 'https://issuer.example', subject, audience: 'api://AzureADTokenExchange' },
    authorityHost: 'https://login.microsoftonline.com',
    graphUrl: 'https://graph.microsoft.com',
    abilities: ['rotate'],
    apply: false,
    shell,
  };
  const result = await setUp(order, { graph: undefined, pause: () => Promise.resolve() });
  if ('outcome' in result) throw new Error(result.code);
  return [...result.lines];
}

function bash(lines: readonly string[]): string[] {
  rmSync(path.join(folder, 'arguments'), { force: true });
  rmSync(isRun, { force: true });
  try {
    execFileSync('bash', ['-c', lines.join('\n')], {
      cwd: folder,
      env: { PATH: `${folder}:/usr/bin:/bin` },
      stdio: 'pipe',
    });
  } catch {
    // a line that breaks is no line that runs something
  }
  return readFileSync(path.join(folder, 'arguments'), 'utf8').split('\n');
}

for (const payload of payloads)
  test(`in bash, ${JSON.stringify(payload.replace(folder, ''))} stays one argument`, async () => {
    const words = bash(await linesWith(payload, 'bash'));
    assert.equal(existsSync(isRun), false);
    const body = words.find((word) => word.includes('"issuer":"https://issuer.example"'))!;
    assert.equal((JSON.parse(body) as { subject: string }).subject, payload);
  });

test('in PowerShell, no payload closes the text that it stands in', async () => {
  for (const payload of payloads) {
    for (const line of (await linesWith(payload, 'powershell')).join('\n').split(/(?<=\.json)\n|(?<=tsv)\n/)) {
      // Within single quotes only a quote means anything, and a doubled one stands for itself.
      const outside = line.replace(/'(?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*'/g, '');
      assert.doesNotMatch(outside, /touch/, line);
    }
  }
});

test('control: with quotes that are merely put around, the same payload runs', async () => {
  const lines = (await linesWith('PAYLOAD', 'bash')).map((line) => line.replaceAll('PAYLOAD', payloads[0]!));
  bash(lines);
  assert.equal(existsSync(isRun), true);
});
