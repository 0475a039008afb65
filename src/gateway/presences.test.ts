// Tests of whom an end concerns: everybody who stands in a token, every grant that it rests on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { concerns, createPresences } from './presences.ts';
import type { Ended } from './presences.ts';

/** A person, for whom one agent has asked another to act. */
const principal: Principal = {
  id: 'dana',
  kind: 'user',
  name: 'dana',
  groups: [],
  clientId: 'second',
  grantId: 'agreed',
  derivedGrants: ['lent-on', 'lent'],
  actors: ['application:second', 'application:first'],
};
const concerned = (kind: Ended['kind'], subject: string, whose = principal): boolean =>
  concerns({ kind, subject }, { principal: whose, server: 'notes' });

test('the person, each agent that acts for them, the client, the server and every grant end what is open', () => {
  for (const subject of ['dana', 'application:second', 'application:first']) assert.ok(concerned('principal', subject));
  for (const subject of ['agreed', 'lent', 'lent-on']) assert.ok(concerned('grant', subject), subject);
  assert.ok(concerned('client', 'second'));
  assert.ok(concerned('server', 'notes'));
});

test('an agent that came with the word of a company, and stands in no chain of actors, ends it as well', () => {
  const { actors: _, derivedGrants: __, ...alone } = principal;
  assert.ok(concerned('principal', 'application:second', alone));
  assert.ok(!concerned('principal', 'application:first', alone));
  assert.ok(!concerned('grant', 'lent', alone));
});

test('nobody else does', () => {
  for (const [kind, subject] of [
    ['principal', 'erin'],
    ['principal', 'second'],
    ['principal', 'agreed'],
    ['client', 'dana'],
    ['grant', 'dana'],
    ['server', 'files'],
  ] as const)
    assert.ok(!concerned(kind, subject), `${kind} ${subject}`);
});

test('whoever has entered hears of it with the reason, until they have left', () => {
  const presences = createPresences();
  const [here, gone] = [
    presences.enter({ principal, server: 'notes' }),
    presences.enter({ principal, server: 'notes' }),
  ];
  gone.leave();
  presences.endFor({ kind: 'grant', subject: 'lent' }, new GenkanError('identity_grant_revoked'));
  assert.ok(here.ended.aborted && !gone.ended.aborted);
  assert.equal((here.ended.reason as GenkanError).code, 'identity_grant_revoked');
});
