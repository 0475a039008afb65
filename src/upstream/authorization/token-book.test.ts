// Tests of what is kept for people at one server: refreshed, forgotten, found again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../base/log.ts';
import { answerJson, startHttpUpstream } from '../../../test/support/http-upstream.ts';
import type { Leases } from '../../state/leases.ts';
import type { Connection, ConnectionStore } from './connection-store.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createTokenBook } from './token-book.ts';
import type { TokenBook } from './token-book.ts';

const person = 'dana';

interface Opened extends AsyncDisposable {
  readonly book: TokenBook;
  readonly rows: Map<string, Connection>;
  /** A token endpoint that gives `access-1`, `access-2` and so on. */
  readonly authority: {
    status: number;
    asked: number;
    held: Promise<void>;
    readonly arrived: Promise<void>;
    readonly issuer: string;
  };
  readonly clock: { now(): number; nowMs: number };
  /** Opens the book once more. */
  again(settings?: { issuer?: string }, before?: Promise<void>): TokenBook;
}

/** A book in which one person has tokens that ended at 1000. The store answers in turn, as a database does. */
async function openBook(): Promise<Opened> {
  const upstream = await startHttpUpstream(async (_, response) => {
    const count = ++authority.asked;
    arrived.resolve();
    await authority.held;
    const fresh = {
      access_token: `access-${count}`,
      token_type: 'Bearer',
      expires_in: 60,
      refresh_token: `r-${count}`,
    };
    answerJson(response, authority.status === 200 ? fresh : {}, authority.status);
  });
  const issuer = new URL(upstream.url).origin;
  const arrived = Promise.withResolvers<void>();
  const authority = { arrived: arrived.promise, status: 200, asked: 0, held: Promise.resolve(), issuer };
  const url = upstream.url;
  const client = { clientId: 'genkan', method: 'none', dynamic: false } as const;
  const tokens = { access: 'access-0', refresh: 'r-0', storedAtMs: 0, expiresAtMs: 1000 };
  const known: Connection = { url, issuer, tokenEndpoint: `${issuer}/token`, resource: url, client, tokens };
  const rows = new Map<string, Connection>([[person, known]]);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Value): Promise<Value> => {
    const mine = turn.then(() => new Promise((resolve) => setImmediate(resolve))).then(work);
    turn = mine;
    return mine;
  };
  const store: ConnectionStore = {
    load: (whose) => inTurn(() => rows.get(whose)),
    save: (whose, _, connection) => inTurn(() => void rows.set(whose, connection)),
    remove: (whose) => inTurn(() => rows.delete(whose)),
    removeServer: () => inTurn(() => rows.clear()),
    list: () => inTurn(() => []),
  };
  const guard = createGuardedFetch({ home: url, insecureHttp: false });
  const clock = { nowMs: 2000, now: () => clock.nowMs };
  const leases: Leases = { hold: (_, work) => work({ signal: AbortSignal.any([]) }) };
  const neighbours = { store, guard, secret: () => Promise.resolve(''), leases, clock, log: createLog('silent') };
  const again: Opened['again'] = ({ issuer: configured } = {}, before = undefined) =>
    createTokenBook('notes', { url, authorization: { as: 'person', issuer: configured } as never }, neighbours, before);
  return {
    book: again(),
    rows,
    authority,
    clock,
    again,
    async [Symbol.asyncDispose]() {
      await guard.close();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test('asks an authorization server that did not answer again after a pause, however often its tokens are wanted', async () => {
  await using opened = await openBook();
  const { book, authority, clock } = opened;
  authority.status = 500;
  await assert.rejects(book.tokens(person), { code: 'upstream_unavailable' });
  authority.status = 200;
  for (let second = 1; second < 10; second++) {
    clock.nowMs += 1000;
    await assert.rejects(book.tokens(person), { code: 'upstream_unavailable' });
  }
  assert.equal(authority.asked, 1);
  clock.nowMs += 2000;
  assert.equal((await book.tokens(person))?.access, 'access-2');
});

test('finds again what was given by the issuer that is configured, with and without its slash, and by no other', async () => {
  await using opened = await openBook();
  const { issuer } = opened.authority;
  const known = opened.rows.get(person)!;
  for (const [named, configured] of [
    [issuer, issuer],
    [`${issuer}/`, issuer],
    [issuer, `${issuer}/`],
  ] as const) {
    opened.rows.set(person, { ...known, issuer: named });
    const { tokens } = await opened.again({ issuer: configured }).read(person);
    assert.equal(tokens?.access, 'access-0', `${named} for ${configured}`);
  }
  opened.rows.set(person, { ...known, issuer: `${issuer}/tenant/` });
  for (const configured of [issuer, `${issuer}/tenant`, 'http://127.0.0.1:1'])
    assert.equal((await opened.again({ issuer: configured }).read(person)).tokens, undefined, configured);
});

test('forgets tokens for good, though somebody is reading them just then', async () => {
  await using opened = await openBook();
  const { book, rows, authority } = opened;
  const under = book.tokens(person);
  assert.equal(await book.forget(person), true);
  assert.equal(await under, undefined);
  assert.equal(rows.size, 0);
  assert.equal(await book.tokens(person), undefined);
  assert.equal(authority.asked, 0);
});

test('when it is closed amid a refresh, the rotated token is kept, and nothing is refreshed with the old one', async () => {
  await using opened = await openBook();
  const { book, rows, authority } = opened;
  const { promise, resolve } = Promise.withResolvers<void>();
  authority.held = promise;
  const under = book.tokens(person);
  await authority.arrived;
  const next = opened.again({}, book.close()).tokens(person);
  await assert.rejects(book.forget(person), { code: 'upstream_unavailable' }, 'nothing is begun any more');
  resolve();
  assert.equal((await under)?.refresh, 'r-1');
  assert.equal((await next)?.refresh, 'r-1');
  assert.equal(rows.get(person)?.tokens?.refresh, 'r-1');
  assert.equal(authority.asked, 1);
});
