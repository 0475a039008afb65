// Attack: a refresh token is used twice: at the same moment on two processes, or later by a thief.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startIdentityHouse } from '../support/identity-house.ts';
import { obtainTokens, postToken, refresh } from '../support/oauth-client.ts';

const worker = new URL('../support/identity-worker.ts', import.meta.url);
const rounds = 10;

interface Answer {
  readonly status: number;
  readonly refreshToken?: string;
}

test('eight parallel refreshes on two processes: never two successes, never a dead family', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, directory } = house;
  const session = await obtainTokens(publicUrl, `${publicUrl}/mcp/files`);
  const other = fork(worker, [directory, publicUrl], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const [{ port }] = (await once(other, 'message')) as [{ port: number }];
    const addresses = [publicUrl, `http://127.0.0.1:${port}`];
    let current = session.tokens.refresh_token!;
    for (let round = 0; round < rounds; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => raced(addresses[index % 2]!, session.client.client_id, current)),
      );
      const successes = answers.filter(({ status }) => status === 200);
      assert.equal(successes.length, 1, `round ${round}: ${answers.map(({ status }) => status).join(' ')}`);
      current = successes[0]!.refreshToken!; // the winner's new token works in the next round: the family lives
    }
  } finally {
    await stop(other);
  }
});

test('a token that comes back after the grace ends the whole family, and the record says so', async () => {
  await using house = await startIdentityHouse();
  const { identity, publicUrl, records } = house;
  const resource = `${publicUrl}/mcp/files`;
  const session = await obtainTokens(publicUrl, resource);
  const first = session.tokens.refresh_token!;
  const renewed = (await (await refresh(session, first)).json()) as { access_token: string; refresh_token: string };

  house.advance(9_000);
  assert.equal((await refresh(session, first)).status, 400, 'within the grace: refused');
  assert.equal(
    (await identity.verify(`Bearer ${renewed.access_token}`, resource)).outcome,
    'allow',
    'but nothing is revoked',
  );

  house.advance(1_001);
  assert.equal((await refresh(session, first)).status, 400, 'after the grace: refused');
  assert.notEqual(
    (await identity.verify(`Bearer ${renewed.access_token}`, resource)).outcome,
    'allow',
    'and the access is gone',
  );
  assert.equal((await refresh(session, renewed.refresh_token)).status, 400);
  assert.ok(records.some(({ action, result }) => action === 'identity.refreshReused' && result === 'denied'));
});

test('control: a token whose use was forgotten works a second time', async () => {
  await using house = await startIdentityHouse();
  const session = await obtainTokens(house.publicUrl, `${house.publicUrl}/mcp/files`);
  const first = session.tokens.refresh_token!;
  assert.equal((await refresh(session, first)).status, 200);
  await house.database
    .updateTable('oidc_record')
    .set({ consumed_at: null })
    .where('kind', '=', 'RefreshToken')
    .execute();
  assert.equal((await refresh(session, first)).status, 200);
});

test('a refresh token is of no use to another client or for another resource', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const mine = await obtainTokens(publicUrl, `${publicUrl}/mcp/files`);
  const thief = await obtainTokens(publicUrl, `${publicUrl}/mcp/azure`);
  const token = mine.tokens.refresh_token!;
  assert.equal((await refresh(thief, token)).status, 400);
  const elsewhere = await postToken(mine.server, {
    grant_type: 'refresh_token',
    client_id: mine.client.client_id,
    refresh_token: token,
    resource: `${publicUrl}/api`,
  });
  assert.equal(((await elsewhere.json()) as { error: string }).error, 'invalid_target');
  assert.equal((await refresh(mine, token)).status, 200, 'control: its own client may');
});

async function raced(address: string, clientId: string, token: string): Promise<Answer> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: token });
  const response = await fetch(`${address}/oauth/token`, { method: 'POST', body });
  const { refresh_token: refreshToken } = (await response.json()) as { refresh_token?: string };
  return { status: response.status, refreshToken };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
