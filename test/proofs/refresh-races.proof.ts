// Clients that refresh in parallel, on two processes: one wins, nobody wins twice, and nobody loses their access for it.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startIdentityHouse } from '../support/identity-house.ts';
import { obtainTokens } from '../support/oauth-client.ts';

const worker = new URL('../support/identity-worker.ts', import.meta.url);
const rounds = 36;
const parallel = 8;

test(`${parallel} parallel refreshes of one token on two processes, ${rounds} rounds: no double use, no dead family`, async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, directory } = house;
  const resource = `${publicUrl}/mcp/files`;
  const session = await obtainTokens(publicUrl, resource);
  const other = fork(worker, [directory, publicUrl], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const refreshAt = async (address: string, token: string) => {
    const form = { grant_type: 'refresh_token', client_id: session.client.client_id, refresh_token: token };
    const response = await fetch(`${address}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { refresh_token: next, access_token: access } = (await response.json()) as Record<string, string>;
    return response.status === 200 ? { next: next!, access: access! } : undefined;
  };
  try {
    const [{ port }] = (await once(other, 'message')) as [{ port: number }];
    const addresses = [publicUrl, `http://127.0.0.1:${port}`];
    const wins = [0, 0];
    let current = session.tokens.refresh_token!;
    for (let round = 0; round < rounds; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: parallel }, (_each, index) => refreshAt(addresses[(index + round) % 2]!, current)),
      );
      const won = answers.flatMap((answer, index) => (answer === undefined ? [] : [{ ...answer, index }]));
      assert.equal(won.length, 1, `round ${round}: one success`);
      wins[(won[0]!.index + round) % 2]! += 1;
      const verdict = await house.identity.verify(`Bearer ${won[0]!.access}`, resource);
      assert.equal(verdict.outcome, 'allow', `round ${round}: the family lives`);
      current = won[0]!.next;
    }
    assert.ok(
      wins.every((won) => won > 0),
      `both processes took part: ${wins.join(' and ')}`,
    );
    assert.ok(!house.records.some(({ action }) => action === 'identity.refreshReused'));
  } finally {
    const ended = once(other, 'exit');
    other.kill('SIGKILL');
    await ended;
  }
});
